import type { ContainerEntity } from '../resource.ts';

/** By these the Agent finds the container, and its tags, that profiles and spans come from. */
export function entityHeaders({ containerId, entityId, externalEnv }: ContainerEntity): Record<string, string> {
  return {
    ...(containerId === undefined ? {} : { 'Datadog-Container-Id': containerId }),
    ...(entityId === undefined ? {} : { 'Datadog-Entity-ID': entityId }),
    ...(externalEnv === undefined ? {} : { 'Datadog-External-Env': externalEnv }),
  };
}
