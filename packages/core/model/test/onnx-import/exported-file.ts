import { fileURLToPath } from 'node:url';

/** An exported file by the name of its folder. */
export const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}/model.onnx`, import.meta.url));
