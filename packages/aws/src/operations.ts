/** Operations that the user says may be sent twice. */
export class OperationSet {
  /** In lower case. */
  private readonly names: ReadonlySet<string>;

  /**
   * @param names - `Service.Operation`.
   * @throws TypeError that names the option, what was expected and what came.
   */
  constructor(names: readonly string[]) {
    if (!isList(names)) throw new TypeError(`hedgerow: option \`operations\` must be a list, got ${typeof names}`);
    this.names = new Set(names.map(checkName));
  }

  has(service: string, operation: string): boolean {
    return this.names.size > 0 && this.names.has(`${service}.${operation}`.toLowerCase());
  }
}

const NAME = /^[\w.-]+\.[A-Za-z]\w*$/;

/** How the names of operations begin that change something, take something away, or run what somebody wrote: PartiQL, SQL, functions. */
const WRITES =
  /\.(?:Abort|Accept|Add|Allocate|Apply|Associate|Attach|Authorize|Batch(?:Delete|Execute|Put|Update|Write)|Cancel|Change|Complete|Confirm|Copy|Create|Deactivate|Delete|Deregister|Detach|Disable|Disassociate|Enable|Execute|Import|Invoke|Modify|Move|Publish|Purge|Put|Reboot|Receive|Register|Reject|Release|Remove|Replace|Reset|Restore|Revoke|Rotate|Run|Send|Set|Start|Stop|Submit|Subscribe|Swap|Tag|Terminate|TransactWrite|Unsubscribe|Untag|Update|Upload)(?![a-z])/;

function checkName(name: unknown, index: number): string {
  const came = typeof name === 'string' ? JSON.stringify(name.slice(0, 80)) : typeof name;
  if (typeof name !== 'string' || !NAME.test(name)) throw new TypeError(`hedgerow: option \`operations[${index}]\` must be 'Service.Operation', got ${came}`);
  if (WRITES.test(name)) throw new TypeError(`hedgerow: option \`operations[${index}]\` must be an operation that reads, got ${came}, which by its name may do more`);
  return name.toLowerCase();
}

/** A plain answer: the platform's own narrows to a list of `any`. */
function isList(value: unknown): boolean {
  return Array.isArray(value);
}
