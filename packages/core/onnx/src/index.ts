export { type Attribute, type Dimension, graphNode, valueInfo } from './graph-parts.js';
export {
  asNumber,
  decodeModel,
  elementType,
  encodeModel,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './model-proto.js';
export { runInPlace, runInPlaceParts, runsInPlace } from './run-in-place.js';
export { InferenceSession, listSupportedBackends, onnxruntimeVersion, Tensor } from './runtime.js';
