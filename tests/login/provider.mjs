// A real OpenID Connect provider, told by lines of JSON on stdin what to do. Each line is answered by one on stdout.
// What stands here beside the package `oidc-provider` is its configuration, and somebody with a browser who logs in.
import { createHash, createPrivateKey, randomBytes, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

import * as jose from 'jose';
import { Provider } from 'oidc-provider';

const RESOURCE = 'urn:avvikelse:api';
const REDIRECT = 'http://127.0.0.1:9/callback';
const CLIENTS = [
  {
    client_id: 'phone', token_endpoint_auth_method: 'none', application_type: 'native',
    redirect_uris: [REDIRECT], grant_types: ['authorization_code'], response_types: ['code'],
  },
  ...['exporter', 'stranger'].map((client_id) => ({
    client_id, client_secret: `secret of ${client_id}, long enough`, grant_types: ['client_credentials'],
    redirect_uris: [], response_types: [],
  })),
];
const KINDS = { RS256: ['RS256', {}], ES256: ['ES256', {}], EdDSA: ['EdDSA', { crv: 'Ed25519' }] };

let issuer;
let algorithm = 'RS256';
let keys = [];
let down = false;
let answered = 0;
let handle;
/// What the tokens of an account or a client say beside what the provider says.
const claims = {};

async function freshKeys(generation) {
  const made = [];
  for (const [alg, options] of Object.values(KINDS)) {
    const pair = await jose.generateKeyPair(alg, { extractable: true, ...options });
    made.push({ ...await jose.exportJWK(pair.privateKey), alg, use: 'sig', kid: `${alg}-${generation}` });
  }
  return made;
}

function provide() {
  const provider = new Provider(issuer, {
    jwks: { keys },
    clients: CLIENTS,
    cookies: { keys: ['only for tests'] },
    pkce: { required: () => true },
    ttl: { AccessToken: 43200, ClientCredentials: 43200, IdToken: 3600, Interaction: 600, Session: 600, Grant: 600 },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'EdDSA'] },
    scopes: ['openid', 'api'],
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...claims[id] }) }),
    extraTokenClaims: (_, token) => claims[token.accountId ?? token.clientId] ?? {},
    features: {
      devInteractions: { enabled: true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'api', audience: 'avvikelse', accessTokenFormat: 'jwt', accessTokenTTL: 43200,
          jwt: { sign: { alg: algorithm } },
        }),
      },
    },
  });
  handle = provider.callback();
}

/// Somebody with a browser: keeps cookies, follows where it is sent, fills in the provider's pages.
async function login(account) {
  const jar = new Map();
  const go = async (url, form) => {
    const answer = await fetch(url, {
      method: form ? 'POST' : 'GET', redirect: 'manual', body: form && new URLSearchParams(form),
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair] = cookie.split(';');
      const at = pair.indexOf('=');
      jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const location = answer.headers.get('location');
    return { status: answer.status, location: location && new URL(location, url).href, text: await answer.text() };
  };
  const verifier = randomBytes(32).toString('base64url');
  const asked = new URLSearchParams({
    client_id: 'phone', response_type: 'code', redirect_uri: REDIRECT, scope: 'openid api', resource: RESOURCE,
    state: 'here', nonce: randomBytes(8).toString('hex'), code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  });
  const configuration = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  let page = await go(`${configuration.authorization_endpoint}?${asked}`);
  for (let steps = 0; steps < 12; steps += 1) {
    if (page.location?.startsWith(REDIRECT)) break;
    if (page.location) {
      page = { ...await go(page.location), url: page.location };
      continue;
    }
    const action = page.text.match(/action="([^"]+)"/)?.[1];
    const prompt = page.text.match(/name="prompt" value="([^"]+)"/)?.[1];
    if (!action) throw new Error(`no form: ${page.status} ${page.text.slice(0, 300)}`);
    page = await go(new URL(action, page.url).href, { prompt, login: account, password: 'x' });
  }
  const back = new URL(page.location);
  const code = back.searchParams.get('code');
  if (!code) throw new Error(`no code: ${back}`);
  return token(configuration, {
    grant_type: 'authorization_code', client_id: 'phone', code, redirect_uri: REDIRECT, code_verifier: verifier,
    resource: RESOURCE,
  });
}

async function token(configuration, form, headers) {
  const answer = await fetch(configuration.token_endpoint, { method: 'POST', body: new URLSearchParams(form), headers });
  const body = await answer.json();
  if (!answer.ok) throw new Error(JSON.stringify(body));
  return body;
}

const commands = {
  /// An access token and an ID token, by authorization code and PKCE.
  login: ({ account }) => login(account),
  /// An access token of a machine, by client credentials.
  machine: async ({ client }) => {
    const configuration = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
    const basic = Buffer.from(`${client}:${encodeURIComponent(`secret of ${client}, long enough`)}`).toString('base64');
    const form = { grant_type: 'client_credentials', scope: 'api', resource: RESOURCE };
    return token(configuration, form, { authorization: `Basic ${basic}` });
  },
  /// What the tokens of an account say from now on.
  claims: ({ account, claims: said }) => { claims[account] = said; return {}; },
  algorithm: ({ algorithm: name }) => { algorithm = name; provide(); return {}; },
  /// Signs with new keys from now on; the old ones are still published.
  rotate: async ({ generation }) => {
    keys = [...await freshKeys(generation), ...keys];
    provide();
    return {};
  },
  /// Publishes the newest keys alone.
  retire: () => { keys = keys.slice(0, 3); provide(); return {}; },
  down: ({ down: now }) => { down = now; return {}; },
  /// How many requests were answered.
  answered: () => ({ answered }),
  /// A token of any header and claims, both texts as they are, signed with a key of the provider: for what it would never
  /// sign itself.
  sign: ({ header, claims: said }) => {
    const key = keys.find((it) => it.alg === algorithm);
    const signed = [header, said].map((text) => Buffer.from(text).toString('base64url')).join('.');
    const signer = createPrivateKey({ key, format: 'jwk' });
    const digest = algorithm === 'EdDSA' ? null : 'sha256';
    const signature = sign(digest, Buffer.from(signed), { key: signer, dsaEncoding: 'ieee-p1363' });
    return { token: `${signed}.${signature.toString('base64url')}`, kid: key.kid };
  },
  keys: () => ({ keys: keys.map(({ d, p, q, dp, dq, qi, ...open }) => open) }),
};

const server = createServer((request, response) => {
  if (down) {
    request.socket.destroy();
    return;
  }
  answered += 1;
  handle(request, response);
});
server.listen(0, '127.0.0.1', async () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  keys = await freshKeys('1');
  provide();
  process.stdout.write(`${JSON.stringify({ issuer })}\n`);
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line);
    let answer;
    try {
      answer = await commands[command.do](command);
    } catch (error) {
      answer = { error: String(error?.stack ?? error) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  process.exit(0);
});
