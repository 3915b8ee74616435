import { Accidents } from './accidents.js';
import { protocolOf, type Case, type Fault, type Order, type Protocol } from './case.js';
import { clients } from './clients/index.js';
import { expectsHedge } from './hedging.js';
import { startHttp2Server } from './http2-server.js';
import { startHttpServer } from './http-server.js';
import { outcomeOf, type Outcome } from './outcome.js';
import { pause, type FuzzServer } from './protocol.js';
import { Run } from './run.js';
import { Script } from './script.js';

/** No call takes longer, however busy the machine; it is the caller's patience and the servers' that end them. */
const LIMIT_MS = 6_000;
/** For so long a primary’s outcome waits for a copy, which the client by itself may leave without an end. */
const PATIENCE_MS = 10_000;
/** What has lost, or failed, is gone by then. */
const GONE_MS = 2_500;

/** Whose fault every attempt of a call without hedging has. */
export type Whose = 'primary' | 'hedge';

/** The servers, and the runs on them. */
export class World {
  readonly accidents = new Accidents();
  private readonly servers: Readonly<Record<Protocol, FuzzServer>>;
  private runs = 0;

  private constructor(servers: Readonly<Record<Protocol, FuzzServer>>) {
    this.servers = servers;
  }

  static async start(): Promise<World> {
    const [http, http2, grpc] = await Promise.all([startHttpServer(), startHttp2Server('http'), startHttp2Server('grpc')]);
    return new World({ http, http2, grpc });
  }

  async stop(): Promise<void> {
    this.accidents.stop();
    await Promise.all(Object.values(this.servers).map((server) => server.stop()));
  }

  /** With hedging. */
  hedged(plan: Case): Promise<Outcome> {
    return this.run(plan, true, [plan.primary, plan.hedge], ['P', 'H'], expectsHedge(plan) ? plan.order : 'primary alone');
  }

  /** Without: as if the attempt of one of them were all there is, or one that differs from it by `fault`. It is left as it is for `lingerMs`. */
  plain(plan: Case, whose: Whose, fault?: Partial<Fault>, lingerMs = 1): Promise<Outcome> {
    return this.run(plan, false, [{ ...plan[whose], ...fault }], [whose === 'primary' ? 'P' : 'H'], 'primary alone', lingerMs);
  }

  private async run(plan: Case, isHedged: boolean, faults: readonly Fault[], labels: readonly string[], order: Order, lingerMs = 1): Promise<Outcome> {
    const server = this.servers[protocolOf(plan.client)];
    const id = `r${++this.runs}-`;
    const script = new Script(faults, labels, order);
    server.open(id, script);
    const run = new Run(id, plan, isHedged, script, server.origin);
    await run.play(clients[plan.client], isHedged ? LIMIT_MS + PATIENCE_MS : LIMIT_MS);
    const open = await this.leftovers(run);
    await pause(lingerMs); // what comes too late, or twice
    const outcome = outcomeOf(run, open);
    await run.close();
    server.close(id);
    return outcome;
  }

  /** What is still open that nobody reads: waits for it to be closed. */
  private async leftovers(run: Run): Promise<string[]> {
    const until = performance.now() + GONE_MS;
    for (;;) {
      const open = run.leftovers();
      if (open.length === 0 || performance.now() > until) return open;
      await pause(2);
    }
  }
}
