/** Of what `tsc --pretty false` says in a project, what is not about other libraries' declarations. */
export function oursOf(output: string): string[] {
  return output.split('\n').filter((line) => line !== '' && !line.startsWith(' ') && !/^node_modules\/(?!@?hedgerow\/)/.test(line));
}
