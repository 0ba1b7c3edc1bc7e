import { accessSync, constants, existsSync, lstatSync, realpathSync, type Stats, statfsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { StoreRefused } from './refused.ts';

/** The type of the file system that a path lies on, as Linux numbers them. https://man7.org/linux/man-pages/man2/statfs.2.html */
export type FileSystemType = (path: string) => number;

// Locks and syncs of these are another machine's word, or a program's: two owners of one store kill twice.
const NETWORK: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xff534d42: 'CIFS',
  0xfe534d42: 'SMB',
  0x65735546: 'FUSE', // sshfs, obsfs, s3fs, GlusterFS, virtiofs: which one, statfs does not say
  0x00c36400: 'Ceph',
  0x0bd00bd0: 'Lustre',
  0x01021997: '9p',
  0x5346414f: 'AFS',
  0x6b414653: 'AFS',
  0x73757245: 'Coda',
  0x564c: 'NCP',
  0x47504653: 'GPFS',
  0x19830326: 'BeeGFS',
  0x20030528: 'OrangeFS',
  0xaad7aaea: 'PanFS',
  0x01161970: 'GFS2',
  0x7461636f: 'OCFS2',
  0x786f4256: 'a shared folder of VirtualBox',
  0xbacbacbc: 'a shared folder of VMware',
};

// The longest address of a Unix socket, without its last byte. https://man7.org/linux/man-pages/man7/unix.7.html
const MOST_SOCKET_BYTES = 107;

/**
 * Where the store lies, without links: what stands beside it (lock, socket) has one name, however the file is called.
 * Throws StoreRefused where a link leads nowhere, or a folder on the way cannot be read.
 */
export function findStore(file: string): string {
  const missing: string[] = [];
  for (let at = resolve(file); ; at = dirname(at)) {
    if (isThere(at)) return join(realpathSync(at), ...missing);
    missing.unshift(basename(at));
  }
}

function isThere(path: string): boolean {
  try {
    lstatSync(path);
    statSync(path);
    return true;
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException;
    if (syscall === 'stat') throw new StoreRefused('STORE_FILE is a link that leads nowhere: remove it, or mount what it leads to', { cause });
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw new StoreRefused(`STORE_FILE cannot be reached (${code}): let this user into its folder`, { cause });
  }
}

/** The socket of the store's owner. Throws StoreRefused where its address would be too long: the kernel would cut it off. */
export function socketOf(path: string): string {
  const socket = `${path}.sock`;
  if (Buffer.byteLength(socket) <= MOST_SOCKET_BYTES) return socket;
  throw new StoreRefused(`STORE_FILE is too long for the socket beside it: its whole path may have ${MOST_SOCKET_BYTES - '.sock'.length} bytes`);
}

/** Whether a store can be at `path` (of `findStore`). Throws StoreRefused where it cannot; writes nothing. */
export function checkPlace(path: string, typeOf: FileSystemType = (at) => statfsSync(at).type): void {
  socketOf(path);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats !== undefined) checkFile(path, stats);
  else if (existsSync(`${path}-wal`)) {
    throw new StoreRefused('STORE_FILE is gone, but the file beside it that ends with -wal is there: put STORE_FILE back, or remove that one too to begin anew');
  }
  const folder = nearestThatIs(dirname(path));
  if (!statSync(folder).isDirectory()) throw new StoreRefused('STORE_FILE lies in something that is no folder: name a file in a folder');
  for (const at of stats === undefined ? [folder] : [folder, path]) {
    const network = NETWORK[typeOf(at) >>> 0];
    if (network !== undefined) {
      throw new StoreRefused(`STORE_FILE lies on a network file system (${network}), where a lock cannot be trusted: put it on a disk of this machine`);
    }
  }
  if (!isAllowed(folder, constants.W_OK | constants.X_OK)) throw new StoreRefused('the folder of STORE_FILE cannot be written: let this user write there');
}

function checkFile(path: string, stats: Stats): void {
  if (stats.isDirectory()) throw new StoreRefused('STORE_FILE is a folder: name a file in it, such as killswitch.sqlite');
  if (!stats.isFile()) throw new StoreRefused('STORE_FILE is no plain file: name another one');
  // We never leave one: taken for a new store, a lost one would be forgotten without a word.
  if (stats.size === 0) throw new StoreRefused('STORE_FILE is an empty file: put a backup in its place, or remove it to begin anew');
  if (!isAllowed(path, constants.R_OK | constants.W_OK)) throw new StoreRefused('STORE_FILE is read-only: let this user read and write it');
}

function nearestThatIs(folder: string): string {
  return existsSync(folder) ? folder : nearestThatIs(dirname(folder));
}

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
