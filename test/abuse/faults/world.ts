import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { generate } from 'selfsigned';
import { Cell, type CellPlan, type CellResult } from './cell.js';
import type { Exchange, FaultName, FaultServer } from './exchange.js';
import { startGrpcFaultServer } from './grpc-server.js';
import { startHttpFaultServer } from './http-server.js';

type Protocol = 'http' | 'grpc';

/** Cells played at the same time. */
const AT_ONCE = 40;

/** The servers of the matrix; many cells are played on them at once. */
export class World {
  private readonly cells = new Map<string, Cell>();
  private readonly servers: Record<Protocol, FaultServer>;
  private readonly tls: Server;
  private readonly refusedPort: number;

  private constructor(servers: Record<Protocol, FaultServer>, tls: Server, refusedPort: number, cells: Map<string, Cell>) {
    this.servers = servers;
    this.tls = tls;
    this.refusedPort = refusedPort;
    this.cells = cells;
  }

  static async start(): Promise<World> {
    const cells = new Map<string, Cell>();
    const take = (id: string, exchange: Exchange): void => void cells.get(id)?.take(exchange);
    const [http, grpc] = await Promise.all([startHttpFaultServer(take), startGrpcFaultServer(take)]);
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'somebody else' }], { keySize: 2048 });
    const tls = createTlsServer({ key, cert }, (socket: Socket) => socket.on('error', () => undefined));
    await listening(tls);
    return new World({ http, grpc }, tls, await unusedPort(), cells);
  }

  origin(protocol: Protocol): string {
    return this.servers[protocol].origin;
  }

  /** Where an attempt is sent that is not to get through at all. */
  unreachable(fault: FaultName, protocol: Protocol): string | undefined {
    if (fault === 'refused') return `http://127.0.0.1:${this.refusedPort}`;
    const scheme = protocol === 'grpc' ? 'http' : 'https'; // gRPC: one side speaks TLS, the other does not
    return fault === 'TLS failure' ? `${scheme}://127.0.0.1:${portOf(this.tls)}` : undefined;
  }

  /** Plays cells, many at once; results come in their order. */
  async play(plans: readonly CellPlan[]): Promise<CellResult[]> {
    const results: CellResult[] = [];
    const queue = plans.entries();
    const work = async (): Promise<void> => {
      for (const [index, plan] of queue) {
        const id = `cell${index}`;
        const cell = new Cell(this, id, plan);
        this.cells.set(id, cell);
        results[index] = await cell.run();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return results;
  }

  async close(): Promise<void> {
    this.tls.close();
    await Promise.all([this.servers.http.close(), this.servers.grpc.close()]);
  }
}

async function listening(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** A port that nobody listens on. */
async function unusedPort(): Promise<number> {
  const server = createServer();
  await listening(server);
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}
