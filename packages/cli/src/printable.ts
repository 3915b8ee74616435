/** What a terminal might obey, or what might turn text around: control characters and those without a form of their own. */
const COMMANDS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Text from outside, as it may be shown on a terminal. */
export function printable(text: string): string {
  return text.replaceAll(COMMANDS, '\ufffd');
}
