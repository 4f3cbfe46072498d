import type { CgroupFacts, SystemFiles } from './container-entity.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where the process runs, by the names of OpenTelemetry's semantic conventions (1.37): container, Kubernetes,
 * Amazon ECS, AWS Lambda. From the environment and files only: nothing is asked over the network.
 */
export function environmentAttributes(env: Environment, cgroup: CgroupFacts, files: SystemFiles): Record<string, string> {
  const found = {
    'container.id': cgroup.containerId,
    ...kubernetes(env, cgroup, files),
    ...ecs(env, cgroup),
    ...lambda(env),
  };
  return Object.fromEntries(Object.entries(found).flatMap(([key, value]) => (value ? [[key, value]] : [])));
}

type Found = Record<string, string | undefined>;

/** The names under which pod specifications usually pass what the downward API tells. */
function kubernetes(env: Environment, { podUid }: CgroupFacts, files: SystemFiles): Found {
  if (!env['KUBERNETES_SERVICE_HOST']) return {};
  const first = (...names: string[]): string | undefined => names.map((name) => env[name]).find(Boolean);
  return {
    'k8s.pod.uid': first('POD_UID', 'K8S_POD_UID', 'OTEL_RESOURCE_ATTRIBUTES_POD_UID') ?? podUid,
    // A pod's host name is its own name unless the specification says otherwise.
    'k8s.pod.name': first('POD_NAME', 'K8S_POD_NAME', 'MY_POD_NAME', 'OTEL_RESOURCE_ATTRIBUTES_POD_NAME', 'HOSTNAME'),
    'k8s.namespace.name':
      first('POD_NAMESPACE', 'K8S_NAMESPACE', 'MY_POD_NAMESPACE') ??
      files.text('/var/run/secrets/kubernetes.io/serviceaccount/namespace')?.trim(),
    'k8s.node.name': first('NODE_NAME', 'K8S_NODE_NAME', 'MY_NODE_NAME', 'OTEL_RESOURCE_ATTRIBUTES_NODE_NAME'),
    'k8s.container.name': first('CONTAINER_NAME', 'K8S_CONTAINER_NAME'),
  };
}

function ecs(env: Environment, { ecsTaskId }: CgroupFacts): Found {
  const uri = env['ECS_CONTAINER_METADATA_URI_V4'] ?? env['ECS_CONTAINER_METADATA_URI'];
  if (uri === undefined && ecsTaskId === undefined) return {};
  return {
    'cloud.provider': 'aws',
    'cloud.platform': 'aws_ecs',
    'cloud.region': env['AWS_REGION'],
    // On Fargate the last part of the URI is `<task id>-<number>`.
    'aws.ecs.task.id': ecsTaskId ?? /\/v\d\/([0-9a-f]{32})-\d+$/.exec(uri ?? '')?.[1],
  };
}

function lambda(env: Environment): Found {
  if (!isLambda(env)) return {};
  const megabytes = Number(env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']);
  return {
    'cloud.provider': 'aws',
    'cloud.platform': 'aws_lambda',
    'cloud.region': env['AWS_REGION'],
    'faas.name': env['AWS_LAMBDA_FUNCTION_NAME'],
    'faas.version': env['AWS_LAMBDA_FUNCTION_VERSION'],
    'faas.instance': env['AWS_LAMBDA_LOG_STREAM_NAME'],
    'faas.max_memory': megabytes > 0 ? String(megabytes * 1024 * 1024) : undefined,
  };
}

/** Whether this is an AWS Lambda function: frozen between invocations, so what is not flushed waits for the next. */
export function isLambda(env: Environment): boolean {
  return Boolean(env['AWS_LAMBDA_FUNCTION_NAME']);
}
