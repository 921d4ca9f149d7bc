export { InferenceSession, listSupportedBackends, onnxruntimeVersion, Tensor } from './runtime.js';
