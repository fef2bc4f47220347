import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { settings } from '../../src/config.js';
import { address } from '../support/http.js';
import type { Data } from '../support/tenant.js';

const project = process.cwd();
const text = readFileSync(join(project, 'docker/kubernetes/crm.yaml'), 'utf8');
const read = (yaml: string): Data[] => parseAllDocuments(yaml).map((document) => document.toJS() as Data);
const objects = read(text);
const one = (kind: string): Data => objects.find((object) => object.kind === kind)!;
const pod = one('Deployment').spec.template;
const [container] = pod.spec.containers as Data[];

/** What the types of Kubernetes' objects and their own checks say against these; unknown keys are found by the types alone. */
function mistakes(all: readonly Data[]): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'crm-kubernetes-'));
  try {
    symlinkSync(join(project, 'node_modules'), join(directory, 'node_modules'));
    const path = ({ apiVersion, kind }: Data): string => `kubernetes-models/${apiVersion}/${kind}`;
    const imports = [
      ...new Set(all.map((object) => `import { ${object.kind}, type I${object.kind} } from '${path(object)}';`)),
    ];
    const values = all.map((object, index) => `const a${index}: I${object.kind} = ${JSON.stringify(object, null, 2)};`);
    const checks = all.map(
      (object, index) =>
        `try { new ${object.kind}(a${index}).validate(); } catch (error) { console.log('${object.kind}: ' + (error as Error).message); }`,
    );
    const file = join(directory, 'objects.mts');
    writeFileSync(
      file,
      `declare const console: { log(text: string): void };\n${[...imports, ...values, ...checks].join('\n')}\n`,
    );
    const run = (...args: string[]): string[] => {
      try {
        return execFileSync(process.execPath, args, { cwd: directory, encoding: 'utf8' }).split('\n').filter(Boolean);
      } catch (error) {
        return (error as { stdout: string }).stdout.split('\n').filter(Boolean);
      }
    };
    const options = '--noEmit --strict --skipLibCheck --target es2022 --module nodenext --types'.split(' ');
    return [
      ...run(join(project, 'node_modules/typescript/bin/tsc'), ...options, '', file),
      ...run('--disable-warning=ExperimentalWarning', '--experimental-strip-types', file),
    ];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('the manifests are what Kubernetes takes, and what it does not take would be found', () => {
  expect(mistakes(objects)).toEqual([]);
  const wrong = [
    text.replace('livenessProbe:', 'livenessProbes:'),
    text.replace('containerPort: 8001', "containerPort: '8001'"),
    text.replace('maxUnavailable: 1\n', 'maxUnavailable: [1]\n'),
  ].flatMap((yaml) => read(yaml).filter((object) => JSON.stringify(object) !== JSON.stringify(one(object.kind))));
  expect(wrong).toHaveLength(3);
  expect(mistakes(wrong).join('\n')).toMatch(
    /livenessProbes"' does not exist[^]*'string' is not assignable to type 'number'[^]*'number\[\]' is not assignable[^]*Deployment: .*containerPort must be integer/,
  );
}, 60_000);

test('every key is one of the configuration, and what is secret comes by reference', () => {
  const keys = [...Object.keys(one('ConfigMap').data), ...container!.env.map(({ name }: Data) => name)];
  expect(keys.filter((key) => !(key in settings))).toEqual([]);
  expect(container!.env.filter(({ valueFrom }: Data) => !valueFrom?.secretKeyRef)).toEqual([]);
  expect(Object.keys(one('ConfigMap').data).filter((key) => /SECRET|_KEY|PASSWORD|TOKEN|URL/.test(key))).toEqual([]);
  expect(objects.map(({ kind }) => kind)).not.toContain('Secret');
  const guide = readFileSync(join(project, 'docs/operations.md'), 'utf8');
  const required = container!.env.filter(({ valueFrom }: Data) => !valueFrom.secretKeyRef.optional);
  for (const { valueFrom } of required) expect(guide).toContain(`--from-literal=${valueFrom.secretKeyRef.key}=`);
});

test('probes ask for what the server answers', async () => {
  const paths = ['startupProbe', 'livenessProbe', 'readinessProbe'].map((name) => container![name].httpGet.path);
  expect(paths).toEqual(['/startupz', '/livez', '/readyz']);
  for (const path of paths) expect([path, (await fetch(address() + path)).status]).toEqual([path, 200]);
  expect(container!.ports).toEqual([{ name: 'http', containerPort: Number(one('ConfigMap').data.PORT) }]);
});

test('a pod is given the time that a server takes to stop, and one is always there', () => {
  const { data } = one('ConfigMap');
  const { preStop } = container!.lifecycle;
  expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThan(
    preStop.sleep.seconds + Number(data.CRM_DRAIN_SECONDS) + 10,
  );
  const { replicas, strategy, selector } = one('Deployment').spec;
  expect(replicas).toBeGreaterThan(one('PodDisruptionBudget').spec.maxUnavailable);
  expect(strategy.rollingUpdate.maxUnavailable).toBe(0);
  for (const labels of [
    selector.matchLabels,
    one('Service').spec.selector,
    one('PodDisruptionBudget').spec.selector.matchLabels,
    ...pod.spec.topologySpreadConstraints.map(({ labelSelector }: Data) => labelSelector.matchLabels),
  ])
    expect(pod.metadata.labels).toMatchObject(labels);
});

test('the server runs as the image does, and writes only where it may', () => {
  const dockerfile = readFileSync(join(project, 'Dockerfile'), 'utf8');
  expect(dockerfile).toContain('USER node');
  expect(pod.spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
  expect(container!.securityContext).toMatchObject({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
  expect(container!.volumeMounts.map(({ mountPath }: Data) => mountPath)).toEqual(['/app/.data', '/tmp']);
});
