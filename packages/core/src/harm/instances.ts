/** So many answers in a row that name one instance, and it is the only one. */
const ENOUGH = 30;
/** A name is no longer than this. */
const MOST_LENGTH = 128;

/** Which instances answer on one route, as `instanceHeader` names them. */
export class Instances {
  private latest: string | undefined = undefined;
  private streak = 0;

  /** Whether one instance has given all of the latest answers. */
  get isOne(): boolean {
    return this.streak >= ENOUGH;
  }

  see(name: string): void {
    this.streak = name === this.latest ? this.streak + 1 : 1;
    this.latest = name;
  }
}

/** The name in a header; `undefined` if there is none. */
export function instanceName(header: string | undefined): string | undefined {
  return header === undefined || header === '' ? undefined : header.slice(0, MOST_LENGTH);
}
