// Where the source is to be found stands in one place, the manifest of the root, and is copied to every package when it is released.

/** @returns what the root says of it; throws if it says nothing. */
export function addressOf({ repository, homepage, bugs }) {
  const { url } = typeof repository === 'string' ? { url: repository } : (repository ?? {});
  if (!url) throw new Error('package.json of the root has no `repository`: add the public address of the source, and `homepage` and `bugs`, and commit that. Nothing was released.');
  return { repository: { type: 'git', url }, ...(homepage && { homepage }), ...(bugs && { bugs }) };
}

/** @returns the manifest of the package in `directory`, with that address behind its licence. */
export function withAddress(manifest, { repository, ...rest }, directory) {
  const address = { repository: { ...repository, directory }, ...rest };
  const others = Object.entries(manifest).filter(([key]) => !['repository', 'homepage', 'bugs'].includes(key));
  const place = others.findIndex(([key]) => key === 'license') + 1;
  return Object.fromEntries([...others.slice(0, place), ...Object.entries(address), ...others.slice(place)]);
}
