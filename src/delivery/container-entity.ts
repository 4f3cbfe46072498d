import { readFileSync, statSync } from 'node:fs';

import type { ContainerEntity } from './resource.ts';

/** Reads files of /proc and /sys; another one in tests. Undefined for what cannot be read. */
export interface SystemFiles {
  text(path: string): string | undefined;
  inode(path: string): number | undefined;
}

export const systemFiles: SystemFiles = {
  text(path) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  },
  inode(path) {
    try {
      return statSync(path).ino;
    } catch {
      return undefined;
    }
  },
};

/** What the cgroup files tell about where the process runs. */
export interface CgroupFacts {
  readonly containerId: string | undefined;
  /** Of the Kubernetes pod. */
  readonly podUid: string | undefined;
  readonly ecsTaskId: string | undefined;
}

// Container ids as runtimes write them: 64 hex digits (Docker, containerd, CRI-O), Fargate's 32 hex digits and a
// number, Garden's groups of hex digits. Last in their line, with or without `.scope`.
const containerPattern = /([0-9a-f]{64}|[0-9a-f]{32}-\d{10}|[0-9a-f]{8}(?:-[0-9a-f]{4}){4})(?:\.scope)?$/;
// systemd's cgroup driver writes `_` for the dashes of the uid.
const podPattern = /pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})/;
const ecsTaskPattern = /\/ecs\/(?:[^/]+\/)?([0-9a-f]{32})\//;
// With a cgroup namespace of its own the container sees only `0::/`; the files that the runtime mounts name it still.
// `/sandboxes/` would be the pod's, not the container's.
const mountPattern = /\/containers\/([0-9a-f]{64})\/(?:hostname|hosts|resolv\.conf)/;

/** Reads /proc/self/cgroup and, where that hides the id, /proc/self/mountinfo. */
export function readCgroupFacts(files: SystemFiles = systemFiles): CgroupFacts {
  const cgroup = files.text('/proc/self/cgroup') ?? '';
  const fromCgroup = cgroup.split('\n').map((line) => containerPattern.exec(line.trim())?.[1]).find((id) => id !== undefined);
  return {
    containerId: fromCgroup ?? mountPattern.exec(files.text('/proc/self/mountinfo') ?? '')?.[1],
    podUid: podPattern.exec(cgroup)?.[1]?.replaceAll('_', '-'),
    ecsTaskId: ecsTaskPattern.exec(cgroup)?.[1],
  };
}

/** The inode of the host's cgroup namespace, fixed in the kernel (PROC_CGROUP_INIT_INO). */
const hostCgroupNamespace = 0xef_ff_ff_fb;

/** How a Datadog Agent finds the container; its tags come from there. Source: Datadog's origin detection. */
export function containerEntity(
  containerId: string | undefined,
  externalEnv: string | undefined,
  files: SystemFiles = systemFiles,
): ContainerEntity {
  if (containerId !== undefined) return { containerId, entityId: `ci-${containerId}`, externalEnv };
  const inode = files.inode('/proc/self/ns/cgroup') === hostCgroupNamespace ? undefined : cgroupInode(files);
  return { containerId, entityId: inode === undefined ? undefined : `in-${inode}`, externalEnv };
}

function cgroupInode(files: SystemFiles): number | undefined {
  const line = (files.text('/proc/self/cgroup') ?? '').split('\n').find((each) => /^0::|:memory:/.test(each));
  if (line === undefined) return undefined;
  const [, controller = '', path = ''] = line.split(':');
  const inode = files.inode(['/sys/fs/cgroup', controller, path].filter(Boolean).join('/').replaceAll(/\/+/g, '/'));
  // 0 to 2 are the file system's own, not a cgroup's.
  return inode !== undefined && inode > 2 ? inode : undefined;
}
