/**
 * Cookies by which load balancers send a client back to the server that it had before, by their default names. A name that ends
 * in `*` stands for all that begin so.
 */
export const AFFINITY_COOKIES: readonly string[] = [
  'AWSALB', // AWS Application Load Balancer, and its variants for cross-origin requests and target groups
  'AWSALBCORS',
  'AWSALBTG',
  'AWSALBTGCORS',
  'AWSELB', // AWS Classic Load Balancer
  'AWSELBCORS',
  'ApplicationGatewayAffinity', // Azure Application Gateway
  'ApplicationGatewayAffinityCORS',
  'ARRAffinity', // Azure App Service
  'ARRAffinitySameSite',
  'GCLB', // Google Cloud, external and internal
  'GCILB',
  '__cflb', // Cloudflare
  'BIGipServer*', // F5 BIG-IP
  'SERVERID', // HAProxy
  'INGRESSCOOKIE', // ingress-nginx
];

/**
 * A Cookie header without the cookies of these names.
 *
 * @returns `undefined` if none of them is in it; '' if nothing else is.
 */
export function withoutCookies(header: string, names: readonly string[]): string | undefined {
  const cookies = header.split(';').map((cookie) => cookie.trim());
  const kept = cookies.filter((cookie) => !isNamed(cookie, names));
  return kept.length === cookies.length ? undefined : kept.filter((cookie) => cookie !== '').join('; ');
}

function isNamed(cookie: string, names: readonly string[]): boolean {
  const end = cookie.indexOf('=');
  const own = (end === -1 ? cookie : cookie.slice(0, end)).trimEnd();
  return names.some((name) => (name.endsWith('*') ? own.startsWith(name.slice(0, -1)) : own === name));
}
