/** What names of credentials end in. In all these lists `_` stands for any separator or none. */
const CREDENTIALS: readonly string[] = [
  'app_check', 'assertion', 'auth', 'auth_req_id', 'authentication', 'authorization', 'authorization_auxiliary', 'bearer', 'captcha_response', 'client_attestation(?:_pop)?', 'client_cert(?:ificate)?(?:_chain)?',
  'cookie', 'credentials?', 'csrf', 'dpop', 'hmac', 'jwt', 'jwt_(?:claims?|payload)', 'pass_codes?', 'pass_keys?', 'passphrases?', 'passw(?:or)?ds?', 'protection_bypass', 'pwd', 'saml\\d?_(?:art|request|response)',
  'secrets?', 'sess(?:ion)?_id', 'session_key', 'session_response', 'signatures?', 'token', 'token_binding', 'turnstile_response', 'verifier', 'xsrf',
];

/** Whose keys are credentials. Those of others are names of things: `Idempotency-Key`, `sort_key`. */
const KEY_OWNERS: readonly string[] = ['access', 'api', 'application', 'auth', 'encryption', 'encryption_customer', 'functions', 'hmac', 'licen[cs]e', 'private', 'sas', 'secret', 'signing', 'subscription'];

/** Those of whom `user_key` is a credential and `user[key]` or `user_keys` may be anything. */
const OTHER_KEY_OWNERS: readonly string[] = ['account', 'admin', 'app', 'client', 'consumer', 'master', 'service', 'shared', 'user'];

/** Whose codes are credentials. Those of others are names of things: `country_code`. */
const CODE_OWNERS: readonly string[] = ['2fa', 'auth', 'authorization', 'backup', 'device', 'login', 'mfa', 'otp', 'recovery', 'sms', 'verification'];

/** Credentials only where they are words of their own: not in `design` or `sacred`. The names of products are here in full. */
const WHOLE: readonly string[] = [
  'creds?', 'otp', 'sid', 'sig', 'totp', 'aspsessionid[a-z]{8}', 'fastly_key', 'hdn(?:ea|tl|ts)', 'iplanetdirectorypro', 'mysapsso2', 'wresult', 'x_appwrite_key', 'x_clickhouse_key', 'x_jfrog_art_api', 'x_ovh_consumer',
];

/** How headers begin by which a proxy tells the server behind it who asks. */
const PROXIES: readonly string[] = [
  'iv-(?:creds|groups|user)', 'remote-(?:email|groups|name|user)', 'sm-user', 'tailscale-user', 'x-amzn-mtls-clientcert', 'x-amzn-oidc', 'x-apigateway-api-userinfo', 'x-auth', 'x-authentik',
  'x-endpoint-api-userinfo', 'x-forwarded-(?:email|groups|preferred-username|user)', 'x-goog-authenticated-user', 'x-ms-client-principal', 'x-ms-token', 'x-remote-user', 'x-rh-identity', 'x-userinfo', 'x-webauth',
];

/** What may follow: `new_password2`, `X-Hub-Signature-256`, `password_confirmation`, `id_token_hint`. */
const TAIL =
  '(?:_(?:v|sha_)?\\d{1,4}|_ed25519)?(?:_(?:again|base|confirm(?:ation|ed)?|current|digest|hash|hint|new|old|raw|repeat(?:ed)?|retype|value|verif(?:y|ication)))?';

/** Members of a credential that tell of it and are none of it: `token[type]`. */
const ABOUT =
  '(?:alg(?:orithm)?|count|created|enabled|expir(?:ation|es|y)|format|kind|length|lifetime|limit|max|method|min|mode|offset|order|page|provider|required|scheme|size|sort|status|strength|ttl|type|updated|version)(?:_(?:at|in|ms|on))?';

/** The end of a name, or of a part of it that has items or members: `tokens.0`, `token.0.value`, `password.new`. */
const END = `(?:$|s?\\.(?!(?:\\d+\\.)*${ABOUT}$))`;

/** A session's members are mostly no credentials: `session.speaker`. */
const SESSION = `session${TAIL}(?:$|\\.(?:\\d|(?:data|hash|key|value)$))`;

/** For names as `plainName` writes them. Nothing but digits repeats in it, so the time it takes is in proportion to the name's length. */
export const SECRET: RegExp = pattern(
  `(?:${[...CREDENTIALS, `(?:${KEY_OWNERS.join('|')})_keys?(?:_id)?`, `(?:${OTHER_KEY_OWNERS.join('|')})-?key(?:_id)?`, `(?:${CODE_OWNERS.join('|')})_code`, `(?:^|[-.])(?:${WHOLE.join('|')})`].join('|')})${TAIL}${END}` +
    `|${SESSION}|^(?:${PROXIES.join('|')})(?![a-z\\d])`,
);

/** Tokens that say where to go on rather than who asks, and words that end in `session` by chance. Not `unlock_token`. */
export const PLACE: RegExp = pattern(
  '(^|[-.])(?:((?:cancel(?:lation)?|change|continu(?:ation|e)|cursor|delta|iterat(?:ion|or)|lock|marker|next|offset|page|pagination|paging|prev(?:ious)?|resume|scroll|skip|start(?:ing)?|sync)(?:_page)?)_tokens?|(?:ob|pos)session)(?![a-z\\d])',
  'g',
);

/** Where a short word begins in camel case: `connectSid`, `userPageToken`. */
export const HUMP: RegExp = pattern('([a-z\\d])(?=(?:Creds?|Otp|Pass|Pin|Sid|Sig|Totp)(?![a-z])|(?:Next|Page|Sync)Token)', 'g');

function pattern(text: string, flags?: string): RegExp {
  return new RegExp(text.replaceAll('_', '[-.]?'), flags);
}
