import type { Config } from '../checkpoint/config.js';
import type { Value } from './graph-builder.js';
import type { Building } from './module.js';
import { xielu } from './xielu.js';

type Activation = (b: Building, x: Value) => Value;

/** Gaussian error linear units (Hendrycks and Gimpel 2016), exact. */
const gelu: Activation = (b, x) => b.graph.node('Gelu', [x]);

/** Their approximation with the hyperbolic tangent. */
const geluTanh: Activation = (b, x) => b.graph.node('FastGelu', [x]);

/** x × sigmoid(α x). */
const sigmoidGated =
  (alpha: number): Activation =>
  (b, x) =>
    b.graph.node('QuickGelu', [x], { alpha: { float: alpha } });

/** Activations by the names that config.json uses. */
const activations: Record<string, Activation> = {
  gelu,
  gelu_python: gelu,
  gelu_new: geluTanh,
  gelu_fast: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  gelu_python_tanh: geluTanh,
  gelu_accurate: geluTanh,
  quick_gelu: sigmoidGated(1.702),
  silu: sigmoidGated(1),
  swish: sigmoidGated(1),
  relu: (b, x) => b.graph.node('Relu', [x]),
  relu2: (b, x) => {
    const y = b.graph.node('Relu', [x]);
    return b.graph.node('Mul', [y, y]);
  },
  relu6: (b, x) =>
    b.graph.node('Clip', [
      x,
      b.graph.numbers('zero', Float32Array.of(0), []),
      b.graph.numbers('six', Float32Array.of(6), []),
    ]),
  tanh: (b, x) => b.graph.node('Tanh', [x]),
  sigmoid: (b, x) => b.graph.node('Sigmoid', [x]),
};

/**
 * Checks that the activation a field names is one that is built here, and returns its name.
 *
 * @param besides activations with parameters of their own, which a family has besides
 */
export function activationName(config: Config, fields: string[], otherwise: string, besides: string[] = []): string {
  const field = fields.find((f) => config.has(f)) ?? fields[0];
  const name = config.text(field, otherwise);
  const built = [...Object.keys(activations), ...besides];
  if (!built.includes(name)) config.refuse(field, `and the activations that can be built are ${built.join(', ')}`);
  return name;
}

/** The activation by its name, without parameters of its own and without a site. */
export const activate = (b: Building, name: string, x: Value): Value => activations[name](b, x);

/** The activation, named as a site; its parameters, if it has any, are called after `path`. */
export function activation(b: Building, path: string, name: string, x: Value, width: number): Value {
  return b.graph.site(path, 'activation', width, name === 'xielu' ? xielu(b, path, x) : activations[name](b, x));
}
