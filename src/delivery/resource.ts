/**
 * What produced profiles and spans. All backends get the same facts, each in its own words, so that they can join
 * the two. A plain value: it travels to the delivery thread and, with what could not be sent, to disk.
 */
export interface Resource {
  readonly service: string;
  readonly env: string | undefined;
  readonly version: string | undefined;
  readonly host: string;
  /** Names this run of this process, in profiles and in spans. */
  readonly runtimeId: string;
  readonly pid: number;
  /** When the process started, milliseconds since 1970. */
  readonly processStartMs: number;
  /** The user's own, from `HOTSPAN_LABELS`. */
  readonly labels: Readonly<Record<string, string>>;
  /** Container, orchestrator and cloud, by the names of OpenTelemetry's semantic conventions. */
  readonly attributes: Readonly<Record<string, string>>;
  /** What a Datadog Agent needs to find the container's tags. */
  readonly entity: ContainerEntity;
  readonly runtime: RuntimeFacts;
  readonly profilerVersion: string;
}

export interface ContainerEntity {
  readonly containerId: string | undefined;
  /** `ci-<container id>`, or `in-<inode of the cgroup>` where the id is not visible from inside. */
  readonly entityId: string | undefined;
  /** From `DD_EXTERNAL_ENV`, which Datadog's admission controller sets. */
  readonly externalEnv: string | undefined;
}

export interface RuntimeFacts {
  /** Without the `v`. */
  readonly nodeVersion: string;
  readonly arch: string;
  readonly os: string;
  readonly kernelName: string;
  readonly kernelRelease: string;
  readonly kernelVersion: string;
}
