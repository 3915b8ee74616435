/** Names of headers and parameters that prove who asks, by where they come from. Plain: as they are without any nesting. */
export const SECRETS: Readonly<Record<string, readonly string[]>> = {
  words: [
    'password', 'passwd', 'pwd', 'passphrase', 'passcode', 'passkey', 'secret', 'token', 'auth', 'authentication', 'authorization', 'bearer', 'cookie', 'cookie2', 'credential', 'credentials', 'creds', 'cred',
    'csrf', 'xsrf', 'dpop', 'hmac', 'jwt', 'session', 'sessionid', 'session_id', 'session_key', 'session_hash', 'session_token', 'sid', 'sig', 'signature', 'otp', 'totp', 'api_key', 'apikey', 'apiKey', 'x-api-key',
  ],
  keys: [
    'access_key', 'accessKeyId', 'account_key', 'admin_key', 'app_key', 'appkey', 'application_key', 'auth_key', 'client_key', 'consumer_key', 'encryption_key', 'functions_key', 'hmac_key', 'license_key',
    'licence_key', 'master_key', 'private_key', 'sas_key', 'secret_key', 'service_key', 'shared_key', 'signing_key', 'subscription_key', 'user_key', 'api_keys',
  ],
  codes: [
    '2fa_code', 'auth_code', 'authorization_code', 'backup_code', 'device_code', 'login_code', 'mfa_code', 'oauth_code', 'otp_code', 'recovery_code', 'sms_code', 'totp_code', 'verificationCode',
  ],
  'with something behind': [
    'password1', 'new_password2', 'password_confirmation', 'passwordConfirm', 'password_confirmed', 'password_again', 'password_repeat', 'password_repeated', 'password_retype', 'password_new', 'password_old',
    'password_current', 'password_hash', 'password_digest', 'password_verify', 'password_verification', 'secret_key_base', 'token_value', 'signature_raw', 'LtpaToken2', 'X-Hub-Signature-256', 'X-Signature-Ed25519', 'signature-v4',
    'X-Shopify-Hmac-Sha256', 'passwords', 'passphrases', 'passcodes', 'passkeys', 'secrets', 'signatures', 'passwds',
  ],
  'OAuth, OpenID Connect, SAML, CAS': [
    'access_token', 'refresh_token', 'id_token', 'id_token_hint', 'logout_token', 'subject_token', 'actor_token', 'device_code', 'assertion', 'client_assertion', 'client_secret', 'code_verifier', 'auth_req_id',
    'client_notification_token', 'oauth_signature', 'oauth_verifier', 'oauth_token', 'oauth_consumer_key', 'vp_token', 'SAMLRequest', 'SAMLResponse', 'SAMLart', 'wresult', 'DPoP', 'OAuth-Client-Attestation',
    'OAuth-Client-Attestation-PoP', 'Sec-Token-Binding', 'Secure-Session-Response', 'Mcp-Session-Id', 'Client-Cert', 'Client-Cert-Chain', 'g-recaptcha-response', 'cf-turnstile-response',
  ],
  frameworks: [
    'PHPSESSID', 'JSESSIONID', 'ASP.NET_SessionId', 'ASPSESSIONIDQQRSTUVW', '.ASPXAUTH', 'connect.sid', 'connectSid', 'CFTOKEN', 'laravel_session', '_csrf', 'csrfmiddlewaretoken', 'authenticity_token', '__RequestVerificationToken',
    'reset_password_token', 'confirmation_token', 'unlock_token', 'exchange_token', 'remember_token', 'j_password', 'iPlanetDirectoryPro', 'MYSAPSSO2', 'SMSESSION', 'X-CSRFToken', 'X-XSRF-TOKEN',
  ],
  'clouds and products': [
    'X-Amz-Signature', 'X-Amz-Credential', 'X-Amz-Security-Token', 'AWSAccessKeyId', 'x-amz-server-side-encryption-customer-key', 'X-aws-ec2-metadata-token', 'X-Goog-Signature', 'X-Goog-Api-Key',
    'X-Serverless-Authorization', 'x-ms-authorization-auxiliary', 'x-ms-encryption-key', 'SharedAccessSignature', 'aeg-sas-key', 'aeg-sas-token', 'Ocp-Apim-Subscription-Key', 'X-Functions-Key', 'X-ZUMO-AUTH',
    'X-Vault-Token', 'X-Consul-Token', 'X-Nomad-Token', 'PRIVATE-TOKEN', 'JOB-TOKEN', 'X-GitHub-OTP', 'npm-otp', 'DD-API-KEY', 'DD-APPLICATION-KEY', 'X-Parse-Master-Key', 'X-Plex-Token', 'X-License-Key',
    'X-Auth-User-Service-Key', 'Fastly-Key', 'X-ClickHouse-Key', 'X-Appwrite-Key', 'X-JFrog-Art-Api', 'X-Ovh-Consumer', 'hdnea', 'hdntl', 'hdnts', 'X-Firebase-AppCheck', 'x-vercel-protection-bypass',
    'X-Slack-Signature', 'Stripe-Signature', 'X-Shopify-Access-Token', 'X-Hasura-Admin-Secret', 'cf-access-client-secret', 'X-Auth-Key', 'Proxy-Authorization',
  ],
};

/** Headers by which a proxy in front tells a server who asks. */
export const IDENTITY_HEADERS: readonly string[] = [
  'Cf-Access-Jwt-Assertion', 'X-Goog-Iap-Jwt-Assertion', 'X-Goog-Authenticated-User-Email', 'X-Goog-Authenticated-User-Id', 'X-Pomerium-Jwt-Assertion', 'Teleport-Jwt-Assertion', 'X-Amzn-Oidc-Data',
  'X-Amzn-Oidc-Accesstoken', 'X-Amzn-Oidc-Identity', 'X-Amzn-Mtls-Clientcert', 'X-Amzn-Mtls-Clientcert-Leaf', 'X-Ms-Client-Principal', 'X-MS-CLIENT-PRINCIPAL-ID', 'X-MS-CLIENT-PRINCIPAL-NAME',
  'X-MS-TOKEN-AAD-ACCESS-TOKEN', 'X-MS-TOKEN-AAD-ID-TOKEN', 'X-MS-TOKEN-AAD-EXPIRES-ON', 'X-Forwarded-Access-Token', 'X-Forwarded-User', 'X-Forwarded-Email', 'X-Forwarded-Groups', 'X-Forwarded-Preferred-Username',
  'X-Forwarded-Client-Cert', 'X-SSL-Client-Cert', 'X-ARR-ClientCert', 'X-Auth-Request-User', 'X-Auth-Request-Email', 'X-Auth-Request-Access-Token', 'X-Auth-Email', 'X-Auth-Username', 'X-Authentik-Username',
  'X-Jwt-Payload', 'X-Jwt-Claims', 'X-Endpoint-API-UserInfo', 'X-Apigateway-Api-Userinfo', 'X-Userinfo', 'X-RH-Identity', 'Remote-User', 'Remote-Email', 'Remote-Groups', 'Remote-Name', 'X-Remote-User', 'X-WEBAUTH-USER',
  'Tailscale-User-Login', 'SM-USER', 'iv-user', 'iv-creds', 'iv-groups', 'X-Client-Certificate',
];

/** Names that prove nothing, however they are nested. */
export const HARMLESS: readonly string[] = [
  'page', 'number', 'size', 'limit', 'offset', 'sort', 'order', 'filter', 'status', 'id', 'ids', 'q', 'query', 'search', 'fields', 'include', 'lang', 'locale', 'format', 'user', 'username', 'email', 'name',
  'author', 'authors', 'authority', 'authored', 'keyword', 'keywords', 'keyboard', 'monkey', 'turkey', 'keys', 'sort_key', 'primary_key', 'foreignKey', 'partition_key', 'cache_key', 'public_key', 'idempotency_key',
  'tokenize', 'tokenizer', 'token_type', 'token_type_hint', 'tokens_used', 'signed', 'signatory', 'design', 'designs', 'insight', 'inside', 'side', 'sight', 'sigma', 'assign', 'passenger', 'passengers', 'passive',
  'compass', 'session_count', 'session_type', 'sessions_total', 'session_state', 'possession', 'obsession', 'secretary', 'secretariat', 'cookie_consent', 'cookies_accepted', 'sacred', 'accredited', 'credit', 'credit_limit',
  'country_code', 'zip_code', 'statusCode', 'lang_code', 'decode', 'encoder', 'adopt', 'option', 'optional', 'client_id', 'client_assertion_type', 'code_challenge', 'state', 'nonce', 'RelayState', 'SigAlg', 'SAMLEncoding',
  'page_token', 'pageToken', 'next_page_token', 'nextPageToken', 'userPageToken', 'prev_page_token', 'continuation_token', 'continuationToken', 'continue_token', 'cursor_token', 'sync_token', 'nextSyncToken', 'skiptoken', 'deltatoken', 'pagination_token',
  'resume_token', 'scroll_token', 'start_token', 'starting_token', 'offset_token', 'marker_token', 'iterator_token', 'iteration_token', 'paging_token', 'previous_token', 'prev_token', 'lock_token', 'change_token', 'cancel_token', 'cancellation_token',
  'X-Request-Id', 'X-Amz-Date', 'X-Amz-Algorithm', 'x-ms-version', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'traceparent', 'Accept', 'Host', 'If-None-Match', 'X-Goog-User-Project', 'Sec-WebSocket-Key',
];
