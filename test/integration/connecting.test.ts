import { Agent } from 'node:http';
import type { LookupFunction } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import axios from 'axios';
import got from 'got';
import { hedgedRequestHandler } from '@hedgerow/aws';
import { hedgedAdapter } from '@hedgerow/axios';
import { createHedgePlugin } from '@hedgerow/got';
import { Attempt } from '#core/race/attempt.js';
import { startScriptedServer, type ScriptedServer } from '../support/scripted-server.js';
import { until } from '../support/wait.js';

const eager = { delay: 5, budget: false, telemetry: false } as const;

/** Clients over agents of Node: each makes a GET whose hedge is due after 5 ms. */
const CLIENTS: Readonly<Record<string, (url: URL, agent: Agent) => Promise<unknown>>> = {
  axios: (url, httpAgent) => axios.get(url.href, { httpAgent, adapter: hedgedAdapter(eager) }),
  got: (url, http) => got.extend(createHedgePlugin(eager))(url, { agent: { http } }),
  aws: ({ protocol, hostname, port, pathname: path }, httpAgent) => {
    const handler = hedgedRequestHandler(new NodeHttpHandler({ httpAgent }), eager);
    return handler.handle({ method: 'GET', protocol, hostname, port: Number(port), path, query: {}, headers: {} } as never, {});
  },
};

describe.each(Object.entries(CLIENTS))('a hedge over %s that is given up', (_, get) => {
  let server: ScriptedServer;
  let agent: Agent;
  let lookups: number;
  beforeEach(async () => {
    server = await startScriptedServer();
    lookups = 0;
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    agent.destroy();
    await server.close();
  });

  /** As if the name were looked up anew for each connection; the first `answered` of them are told. */
  function url(answered: number): URL {
    const lookup: LookupFunction = (_name, { all }, found) => {
      if (++lookups <= answered) found(null, (all === true ? [{ address: '127.0.0.1', family: 4 }] : '127.0.0.1'), 4);
    };
    agent = new Agent({ lookup });
    return new URL('/', server.origin.replace('127.0.0.1', 'service.test'));
  }

  it('while it is being connected was not sent', async () => {
    const notSent = jest.spyOn(Attempt.prototype, 'notSent');
    const answer = get(url(1), agent);
    const primary = await server.next();
    await until('the hedge looks for the server', () => lookups === 2);
    primary.respond();
    await answer;
    expect(notSent.mock.contexts).toMatchObject([{ number: 1 }]);
    expect(server.requests).toHaveLength(1);
  });

  it('once its server has it was sent', async () => {
    const notSent = jest.spyOn(Attempt.prototype, 'notSent');
    const answer = get(url(2), agent);
    const [primary] = [await server.next(), await server.next()];
    primary.respond();
    await answer;
    expect(notSent).not.toHaveBeenCalled();
  });
});
