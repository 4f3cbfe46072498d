import assert from 'node:assert/strict';
import { containerEntity, readCgroupFacts, type SystemFiles } from '../../../src/delivery/container-entity.ts';
import { detectResource } from '../../../src/delivery/detect-resource.ts';
import { environmentAttributes } from '../../../src/delivery/environment-attributes.ts';

const id = '3726184226f5d3147c25fdeab5b60097e378e8a720503a5e19ecfdf29f869860';
const pod = '2d3da189-6407-48e3-9ab6-78188d75e609';

const files = (texts: Record<string, string>, inodes: Record<string, number> = {}): SystemFiles => ({
  text: (path) => texts[path],
  inode: (path) => inodes[path],
});
const cgroup = (text: string): SystemFiles => files({ '/proc/self/cgroup': text });

describe('readCgroupFacts', () => {
  const cases: readonly [string, string, Partial<ReturnType<typeof readCgroupFacts>>][] = [
    ['Docker, cgroup 1', `13:name=systemd:/docker/${id}\n12:pids:/docker/${id}`, { containerId: id }],
    ['Docker, cgroup 2 with systemd', `0::/system.slice/docker-${id}.scope`, { containerId: id }],
    ['Kubernetes, cgroup 1', `11:memory:/kubepods/besteffort/pod${pod}/${id}`, { containerId: id, podUid: pod }],
    ['Kubernetes, systemd', `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${pod.replaceAll('-', '_')}.slice/cri-containerd-${id}.scope`, { containerId: id, podUid: pod }],
    ['ECS', `9:perf_event:/ecs/haissam-ecs-classic/5a0d5ceddf6c44c1928d367a815d890f/${id}`, { containerId: id, ecsTaskId: '5a0d5ceddf6c44c1928d367a815d890f' }],
    ['Fargate', '1:name=systemd:/ecs/34dc0b5e626f2c5c4c5170e34b10e765-1234567890', { containerId: '34dc0b5e626f2c5c4c5170e34b10e765-1234567890' }],
    ['no container', '0::/user.slice/user-1000.slice/session-3.scope', {}],
    ['a namespace of its own', '0::/', {}],
  ];
  for (const [name, text, expected] of cases) {
    it(`reads ${name}`, () => {
      assert.deepEqual(readCgroupFacts(cgroup(text)), { containerId: undefined, podUid: undefined, ecsTaskId: undefined, ...expected });
    });
  }

  it('reads the id from the mounts where the cgroup hides it, and not the id of the sandbox', () => {
    const mounts = (path: string): SystemFiles => files({ '/proc/self/cgroup': '0::/', '/proc/self/mountinfo': `1 2 0:1 ${path} /etc/hostname rw - ext4 x rw` });
    assert.equal(readCgroupFacts(mounts(`/var/lib/docker/containers/${id}/hostname`)).containerId, id);
    assert.equal(readCgroupFacts(mounts(`/var/lib/containerd/sandboxes/${id}/hostname`)).containerId, undefined);
  });
});

describe('containerEntity', () => {
  it('is the container, else the inode of its cgroup, else nothing', () => {
    assert.equal(containerEntity(id, 'it-false', files({})).entityId, `ci-${id}`);
    const hidden = files({ '/proc/self/cgroup': '0::/' }, { '/proc/self/ns/cgroup': 4_026_532_000, '/sys/fs/cgroup/': 1234 });
    assert.equal(containerEntity(undefined, undefined, hidden).entityId, 'in-1234');
    const host = files({ '/proc/self/cgroup': '0::/' }, { '/proc/self/ns/cgroup': 0xeffffffb, '/sys/fs/cgroup/': 1234 });
    assert.equal(containerEntity(undefined, undefined, host).entityId, undefined);
  });
});

describe('environmentAttributes', () => {
  const nothing = { containerId: undefined, podUid: undefined, ecsTaskId: undefined };

  it('describes a Kubernetes pod', () => {
    const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', HOSTNAME: 'shop-5d-x', NODE_NAME: 'node-3' };
    const found = environmentAttributes(env, { ...nothing, containerId: id, podUid: pod }, files({ '/var/run/secrets/kubernetes.io/serviceaccount/namespace': 'shop\n' }));
    assert.deepEqual(found, { 'container.id': id, 'k8s.pod.uid': pod, 'k8s.pod.name': 'shop-5d-x', 'k8s.namespace.name': 'shop', 'k8s.node.name': 'node-3' });
  });

  it('describes an ECS task and a Lambda function', () => {
    const fargate = { ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/34dc0b5e626f2c5c4c5170e34b10e765-1234567890', AWS_REGION: 'eu-west-1' };
    assert.deepEqual(environmentAttributes(fargate, nothing, files({})), {
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_ecs',
      'cloud.region': 'eu-west-1',
      'aws.ecs.task.id': '34dc0b5e626f2c5c4c5170e34b10e765',
    });
    const lambda = { AWS_LAMBDA_FUNCTION_NAME: 'resize', AWS_LAMBDA_FUNCTION_VERSION: '7', AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512', AWS_REGION: 'eu-west-1' };
    assert.deepEqual(environmentAttributes(lambda, nothing, files({})), {
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_lambda',
      'cloud.region': 'eu-west-1',
      'faas.name': 'resize',
      'faas.version': '7',
      'faas.max_memory': '536870912',
    });
  });

  it('says nothing where there is nothing', () => {
    assert.deepEqual(environmentAttributes({ HOSTNAME: 'x', AWS_REGION: 'y' }, nothing, files({})), {});
  });
});

describe('detectResource', () => {
  it('lets the user have the last word, and keeps the id of the run', () => {
    const identity = { service: 'shop', env: undefined, version: '1', labels: {} };
    const resource = detectResource(identity, {}, { 'container.id': 'mine', 'host.name': 'box' });
    assert.deepEqual([resource.attributes['container.id'], resource.host, resource.service], ['mine', 'box', 'shop']);
    assert.equal(detectResource(identity, {}).runtimeId, resource.runtimeId);
    assert.match(resource.runtimeId, /^[0-9a-f-]{36}$/);
  });

  it("takes dd-trace's id of the run where dd-trace is", () => {
    const scope = globalThis as { _ddtrace?: unknown };
    scope._ddtrace = { _tracer: { _config: { tags: { 'runtime-id': 'theirs' } } } };
    try {
      assert.equal(detectResource({ service: 's', env: undefined, version: undefined, labels: {} }, {}).runtimeId, 'theirs');
    } finally {
      delete scope._ddtrace;
    }
  });
});
