/**
 * The text of a study.yaml that runs as it is.
 * @param schema where the schema of study.yaml lies from there, for editors
 */
export const studyText = (
  schema: string | undefined,
): string => `${schema === undefined ? '' : `# yaml-language-server: $schema=${schema}\n`}title: Three tasks in a small language model
# A folder with config.json and weights, an .onnx file, { hub: owner/name }, or what comes with galvani.
model: embedded
# A table with the columns id, topic, form and text, or what comes with galvani.
prompts: embedded
# Topics of the prompts. All other topics are rest.
tasks: [pathology, paleontology, political-science]
design:
  # Each session is a run of every task, with prompts of its own.
  sessions: 4
extraction:
  newTokens: 16
# Tasks against each other, beside each against rest:
# glm: { contrasts: { fossils over disease: paleontology - pathology } }
`;

/** The files beside a study that make a folder a workspace of Nx: text by path. */
export function nxWorkspaceFiles(name: string, version: string): [path: string, text: string][] {
  const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
  return [
    [
      'nx.json',
      json({
        plugins: ['@galvani/nx'],
        cacheDirectory: '.nx/workspace-data/cache',
        parallel: 2,
        analytics: false,
        neverConnectToCloud: true,
        useDaemonProcess: false,
        tui: { enabled: false },
      }),
    ],
    [
      'package.json',
      json({
        name: `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-workspace`,
        private: true,
        devDependencies: { '@galvani/nx': version, galvani: version, nx: '23.2.1' },
      }),
    ],
    // Nx gives a plugin a process of its own unless it is told not to.
    ['.env', 'NX_ISOLATE_PLUGINS=false\n'],
    ['.gitignore', 'node_modules/\n.nx/\ndata/\n'],
    // onnxruntime's install script downloads what only graphics cards need, and fails where it cannot.
    ['.npmrc', 'onnxruntime-node-install=skip\n'],
  ];
}
