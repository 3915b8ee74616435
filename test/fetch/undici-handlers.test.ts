import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { Agent, type Dispatcher } from 'undici';
import { hedgeInfo, hedgeInterceptor } from '@hedgerow/fetch';
import { turns, until, within } from '../support/wait.js';
import { bytes, eager, get, Recorder, serve, UndiciStage } from './dispatching.js';

const stage = new UndiciStage();
const never = { delay: 60_000 } as const;

const hash = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

describe('a handler', () => {
  it.each([0, 1])('is told of attempt %i alone, in order, by one controller', async (winner) => {
    const recorder = new Recorder();
    expect(stage.hedged().dispatch(get(stage.server.origin), recorder)).toBe(true);
    const attempts = await stage.take(2);
    attempts[winner]?.respond({ body: 'won', headers: { 'X-Won': String(winner) } });
    await recorder.over;
    expect(recorder.told).toEqual(['request', 'head', 'data', 'end']);
    expect(recorder.controllers.size).toBe(1);
    expect([recorder.statusCode, recorder.headers['x-won'], recorder.body.toString()]).toEqual([200, String(winner), 'won']);
    expect(String(recorder.rawHeaders)).toContain('X-Won');
    expect(hedgeInfo(recorder.contexts[0])).toMatchObject({ attempts: 2, winner, isHedge: winner === 1 });
    await within(5_000, 'the loser to be closed', attempts[1 - winner]?.gone ?? Promise.reject(new Error('no loser')));
  });

  it.each(['head', 'data', 'end'] as const)('that throws when it is told of %s gets its own error back', async (when) => {
    const thrown = new Error(`at ${when}`);
    const recorder = new Recorder({
      [when]: () => {
        throw thrown;
      },
    });
    stage.hedged(never).dispatch(get(stage.server.origin), recorder);
    (await stage.server.next()).respond({ body: 'x' });
    await recorder.over;
    expect(recorder.error).toBe(thrown);
    expect(recorder.told.at(-1)).toBe('error');
    expect(recorder.told.filter((each) => each === 'error')).toHaveLength(1);
  });

  it('that throws while a long body comes has its connection closed', async () => {
    const thrown = new Error('enough');
    const recorder = new Recorder({
      data: () => {
        if (recorder.body.length > 300_000) throw thrown;
      },
    });
    stage.hedged(never).dispatch(get(stage.server.origin), recorder);
    const request = await stage.server.next();
    const answer = request.open({ headers: { 'content-length': '5000000' } });
    void answer.write(bytes(1_000_000));
    await recorder.over;
    expect(recorder.error).toBe(thrown);
    await within(5_000, 'the connection to close', request.gone);
  });

  it('is told of interim responses, of the primary at once', async () => {
    const answers: (() => void)[] = [];
    await using hinting = await serve((_request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      answers.push(() => response.end());
    });
    const recorder = new Recorder();
    stage.hedged(never).dispatch(get(hinting.origin), recorder);
    await until('the hint has come', () => recorder.told.includes('103'));
    answers[0]?.();
    await recorder.over;
    expect(recorder.told).toEqual(['request', '103', 'head', 'end']);
  });

  it("is told of the interim responses of a hedge that wins, before its answer's head", async () => {
    const answers: (() => void)[] = [];
    await using hinting = await serve((_request, response) => {
      if (answers.push(() => response.end()) === 2) response.writeEarlyHints({ link: '</hedge.css>; rel=preload' });
    });
    const recorder = new Recorder();
    stage.hedged().dispatch(get(hinting.origin), recorder);
    await until('the hedge has come', () => answers.length === 2);
    await turns();
    expect(recorder.told).toEqual(['request']);
    answers[1]?.();
    await recorder.over;
    expect(recorder.told).toEqual(['request', '103', 'head', 'end']);
  });

  it('gets trailers', async () => {
    await using trailing = await serve((_request, response) => {
      response.writeHead(200, { trailer: 'x-sum' }).write('body');
      response.addTrailers({ 'x-sum': '42' });
      response.end();
    });
    const recorder = new Recorder();
    stage.hedged(never).dispatch(get(trailing.origin), recorder);
    await recorder.over;
    expect(recorder.trailers).toEqual({ 'x-sum': '42' });
  });

  it('is told what the dispatcher complains of', async () => {
    const recorder = new Recorder();
    stage.hedged(never).dispatch({ ...get(stage.server.origin), headers: ['odd'] }, recorder);
    await recorder.over;
    expect(recorder.error).toMatchObject({ code: 'UND_ERR_INVALID_ARG' });
    expect(recorder.told).toEqual(['error']);
  });
});

describe('aborting', () => {
  const reason = new Error('not needed any more');

  it('before anything was sent sends nothing', async () => {
    const recorder = new Recorder({ request: (controller) => controller.abort(reason) });
    const dispatcher = stage.hedged({ delay: 0, budget: false });
    stage.server.script((request) => request.respond());
    dispatcher.dispatch(get(stage.server.origin), recorder);
    await recorder.over;
    expect(recorder.error).toBe(reason);
    await turns();
    expect(stage.server.requests).toHaveLength(0);
    expect(recorder.told).toEqual(['request', 'error']);
  });

  it('on a connection that is open already sends nothing either', async () => {
    const dispatcher = stage.hedged(never);
    stage.server.script((request) => request.respond());
    const first = new Recorder();
    dispatcher.dispatch(get(stage.server.origin), first);
    await first.over;
    const recorder = new Recorder({ request: (controller) => controller.abort(reason) });
    dispatcher.dispatch(get(stage.server.origin), recorder);
    await recorder.over;
    await turns();
    expect(recorder.error).toBe(reason);
    expect(stage.server.requests).toHaveLength(1);
  });

  it.each(['head', 'data'] as const)("at the winner's %s closes it, and tells the reason once", async (when) => {
    const recorder = new Recorder({ [when]: (controller: Dispatcher.DispatchController) => controller.abort(reason) });
    stage.hedged().dispatch(get(stage.server.origin), recorder);
    const attempts = await stage.take(2);
    await attempts[1]?.open({ headers: { 'content-length': '1000' } }).write('the beginning');
    await recorder.over;
    expect(recorder.error).toBe(reason);
    expect(recorder.told.filter((each) => each === 'error')).toHaveLength(1);
    await within(5_000, 'both to be closed', Promise.all(attempts.map(({ gone }) => gone)));
    expect(recorder.controller).toMatchObject({ aborted: true, reason });
  });

  it('of a call whose primary failed and waits, held back, closes that too', async () => {
    const recorder = new Recorder();
    stage.hedged().dispatch(get(stage.server.origin), recorder);
    const [primary, hedge] = await stage.take(2);
    await primary?.open({ status: 503, headers: { 'content-length': '9000000' } }).write(bytes(200_000));
    await turns();
    recorder.controller.abort(reason);
    await recorder.over;
    await within(5_000, 'both to be closed', Promise.all([primary?.gone, hedge?.gone]));
    expect(recorder.told).toEqual(['request', 'error']);
    expect(recorder.error).toBe(reason);
  });

  it('twice, or after the end, tells nothing more', async () => {
    const recorder = new Recorder();
    stage.hedged(never).dispatch(get(stage.server.origin), recorder);
    const request = await stage.server.next();
    recorder.controller.abort(reason);
    recorder.controller.abort(new Error('once more'));
    await recorder.over;
    expect([recorder.error, recorder.controller.reason]).toEqual([reason, reason]);
    await request.gone;

    const whole = new Recorder();
    stage.hedged(never).dispatch(get(stage.server.origin), whole);
    (await stage.server.next()).respond({ body: 'x' });
    await whole.over;
    whole.controller.abort(reason);
    await turns();
    expect([whole.told, whole.error]).toEqual([['request', 'head', 'data', 'end'], undefined]);
  });

  it('without a reason says what undici says', async () => {
    const recorder = new Recorder();
    stage.hedged().dispatch(get(stage.server.origin), recorder);
    await stage.take(2);
    (recorder.controller as unknown as { abort: () => void }).abort();
    await recorder.over;
    expect(recorder.error).toMatchObject({ name: 'AbortError', code: 'UND_ERR_ABORTED' });
  });
});

describe('a dispatcher', () => {
  const broken = new Error('from the dispatcher');
  const throwing: Dispatcher.Dispatch = () => {
    throw broken;
  };
  const breaks = hedgeInterceptor(never)(throwing);

  it('that throws does so to the handler', async () => {
    const recorder = new Recorder();
    expect(breaks(get('http://a.test'), recorder)).toBe(true);
    await recorder.over;
    expect([recorder.told, recorder.error]).toEqual([['error'], broken]);
  });

  it('that throws at what is not hedged throws', () => {
    expect(() => breaks({ ...get('http://a.test'), method: 'POST' }, new Recorder())).toThrow(broken);
  });

  it('that has told of the whole answer when the caller aborts, before a winner is known, has not told the handler', async () => {
    const dispatch: Dispatcher.Dispatch = (_options, handler) => {
      let aborted = false;
      const inner = { aborted, paused: false, reason: null, abort: () => void (aborted = true), pause: () => undefined, resume: () => undefined };
      handler.onRequestStart?.(inner, undefined);
      handler.onResponseStart?.(inner, 200, {});
      handler.onResponseEnd?.(inner, {});
      return true;
    };
    const recorder = new Recorder();
    hedgeInterceptor(never)(dispatch)(get('http://a.test'), recorder);
    recorder.controller.abort(broken);
    await recorder.over;
    await turns();
    expect([recorder.told, recorder.error]).toEqual([['request', 'error'], broken]);
  });
});

describe('pausing', () => {
  it('at the head holds back what has not come yet', async () => {
    const recorder = new Recorder({ head: (controller) => controller.pause() });
    stage.hedged(never).dispatch(get(stage.server.origin), recorder);
    const answer = (await stage.server.next()).open({ headers: { 'content-length': '200000' } });
    await until('the head is there', () => recorder.told.includes('head'));
    await turns();
    void answer.write(bytes(200_000));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const early = recorder.body.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(recorder.body.length).toBe(early); // undici tells of one more chunk before it stops
    expect(early).toBeLessThan(200_000);
    recorder.controller.resume();
    await recorder.over;
    expect(recorder.body).toHaveLength(200_000);
  });

  it('before the winner is known holds it back, resuming lets it go', async () => {
    const recorder = new Recorder({ request: (controller) => controller.pause() });
    stage.hedged().dispatch(get(stage.server.origin), recorder);
    const [, hedge] = await stage.take(2);
    hedge?.respond({ body: 'hedge' });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(recorder.told).toEqual(['request']);
    expect(recorder.controller.paused).toBe(true);
    recorder.controller.resume();
    await recorder.over;
    expect(recorder.told).toEqual(['request', 'head', 'data', 'end']);
  });

  it('by every chunk slows a 20 MB body down, on the wire too, and loses nothing of it', async () => {
    const body = bytes(20_000_000);
    const recorder = new Recorder({ head: (controller) => controller.pause(), data: (controller) => controller.pause() });
    stage.hedged().dispatch(get(stage.server.origin), recorder);
    const attempts = await stage.take(2);
    const answer = attempts[1]?.open({ headers: { 'content-length': String(body.length) } });
    let sent = 0;
    const sending = (async () => {
      for (let at = 0; at < body.length; at += 100_000) {
        await answer?.write(body.subarray(at, at + 100_000));
        sent = at;
      }
      answer?.end();
    })();
    await until('it is told of the head', () => recorder.told.includes('head'));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(recorder.chunks).toHaveLength(0);
    expect(sent).toBeLessThan(10_000_000); // as much as the sockets of both ends hold
    const pump = setInterval(() => {
      for (let step = 0; step < 20; step++) recorder.controller.resume();
    }, 1);
    await Promise.all([recorder.over, sending]);
    clearInterval(pump);
    expect(hash(recorder.body)).toBe(hash(body));
    await within(5_000, 'the loser to be closed', attempts[0]?.gone ?? Promise.reject(new Error('no loser')));
  });

  it('is never done for an answer that has to wait for its rival: beyond a megabyte it does not wait, is handed on whole, and its rival is closed', async () => {
    const body = bytes(20_000_000);
    const recorder = new Recorder();
    stage.hedged().dispatch(get(stage.server.origin), recorder);
    const [primary, hedge] = await stage.take(2);
    const answer = primary?.open({ status: 503, headers: { 'content-length': String(body.length) } });
    await answer?.write(body.subarray(0, 1_000_000));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(recorder.told).toEqual(['request']); // its rival may still do better
    await answer?.write(body.subarray(1_000_000));
    answer?.end();
    await within(5_000, 'the rival to be closed', hedge?.gone ?? Promise.reject(new Error('no hedge')));
    await recorder.over;
    expect(recorder.statusCode).toBe(503);
    expect(hash(recorder.body)).toBe(hash(body));
  });

  it('is never done for it, though its connection breaks off: what came is handed on, and why no more did', async () => {
    const recorder = new Recorder();
    stage.hedged().dispatch(get(stage.server.origin), recorder);
    const [primary, hedge] = await stage.take(2);
    const answer = primary?.open({ status: 503, headers: { 'content-length': '900000' } });
    await answer?.write(bytes(300_000));
    await turns();
    primary?.reset();
    await recorder.over;
    expect([recorder.statusCode, recorder.told.at(-1)]).toEqual([503, 'error']);
    expect(recorder.error).toMatchObject({ code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) });
    await within(5_000, 'the rival to be closed', hedge?.gone ?? Promise.reject(new Error('no hedge')));
  });
});

describe('racing to the first chunk', () => {
  it('streams on from the attempt whose body comes first, though its head came last', async () => {
    const recorder = new Recorder();
    stage.hedged({ ...eager, raceUntil: 'firstChunk' }).dispatch(get(stage.server.origin), recorder);
    const [primary, hedge] = await stage.take(2);
    primary?.open({ headers: { 'content-length': '9' } });
    const answer = hedge?.open({ headers: { 'content-length': '9' } });
    await turns();
    expect(recorder.told).toEqual(['request']);
    await answer?.write('one ');
    await until('the first chunk is there', () => recorder.body.toString() === 'one ');
    await within(5_000, 'the loser to be closed', primary?.gone ?? Promise.reject(new Error('no primary')));
    await answer?.write('two ');
    await until('the second chunk is there', () => recorder.body.toString() === 'one two ');
    await answer?.write('.');
    await recorder.over;
    expect(hedgeInfo(recorder.contexts[0])).toMatchObject({ isHedge: true });
  });
});

describe('room in the dispatcher', () => {
  it("is told as it tells it, and 'drain' when there is some again", async () => {
    await stage.agent.destroy();
    stage.agent = new Agent({ connections: 1, pipelining: 1 });
    const dispatcher = stage.hedged(never);
    const drained = new Promise((resolve) => dispatcher.once('drain', resolve));
    const recorders = [new Recorder(), new Recorder()];
    const answers = recorders.map((recorder) => dispatcher.dispatch(get(stage.server.origin), recorder));
    const plain = new Agent({ connections: 1, pipelining: 1 });
    stage.server.script((request) => request.respond());
    const asPlain = [new Recorder(), new Recorder()].map((recorder) => plain.dispatch(get(stage.server.origin), recorder));
    expect(answers).toEqual(asPlain);
    expect(answers).toContain(false);
    stage.server.requests[0]?.respond();
    await Promise.all(recorders.map(({ over }) => over));
    await within(5_000, 'the dispatcher to drain', drained);
    await plain.destroy();
  });
});

// undici 8 takes them no more, hedged or not.
const { version } = createRequire(import.meta.url)('undici/package.json') as { version: string };
if (Number.parseInt(version) < 8) {
  describe('a handler of the older kind', () => {
    it('is told the same', async () => {
      const told: unknown[] = [];
      await new Promise<void>((resolve, reject) => {
        const handler: object = {
          onConnect: (abort: unknown) => void told.push(typeof abort),
          onHeaders: (statusCode: number, headers: Buffer[], resume: () => void) => {
            told.push(statusCode, String(headers[0]), String(headers[1]));
            setTimeout(() => {
              told.push('resumed');
              resume();
            }, 20);
            return false;
          },
          onData: (chunk: Buffer) => told.push(chunk.toString()) > 0,
          onComplete: () => resolve(),
          onError: reject,
        };
        stage.hedged().dispatch(get(stage.server.origin), handler);
        void stage.take(2).then(([, hedge]) => hedge?.respond({ body: 'hedge', headers: { 'content-length': '5', 'x-who': 'hedge' } }));
      });
      expect(told).toEqual(['function', 200, 'content-length', '5', 'resumed', 'hedge']);
    });

    it('that did not come by way of compose is dispatched as it is', async () => {
      const dispatch = hedgeInterceptor(eager)(stage.agent.dispatch.bind(stage.agent));
      const done = new Promise<void>((resolve, reject) => {
        const handler: object = { onConnect: () => undefined, onHeaders: () => true, onData: () => true, onComplete: () => resolve(), onError: reject };
        dispatch(get(stage.server.origin), handler);
      });
      const only = await stage.server.next();
      await new Promise((resolve) => setTimeout(resolve, 40));
      only.respond();
      await done;
      expect(stage.server.requests).toHaveLength(1);
    });
  });
}
