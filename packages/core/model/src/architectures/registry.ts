import type { Config } from '../checkpoint/config.js';
import { apertus } from './apertus/apertus.js';
import { arcee } from './arcee/arcee.js';
import type { Architecture, ModelFacts } from './architecture.js';
import { bert } from './bert/bert.js';
import { bioGpt } from './biogpt/biogpt.js';
import { bloom } from './bloom/bloom.js';
import { codeGen } from './codegen/codegen.js';
import { cohere } from './cohere/cohere.js';
import { cohere2 } from './cohere2/cohere2.js';
import { cwm } from './cwm/cwm.js';
import { distilBert } from './distilbert/distilbert.js';
import { electra } from './electra/electra.js';
import { ernie45 } from './ernie4-5/ernie4-5.js';
import { exaone4 } from './exaone4/exaone4.js';
import { falcon } from './falcon/falcon.js';
import { falconMamba } from './falcon-mamba/falcon-mamba.js';
import { gemma } from './gemma/gemma.js';
import { gemma2 } from './gemma2/gemma2.js';
import { gemma3 } from './gemma3/gemma3.js';
import { gemma3WithImages } from './gemma3/gemma3-with-images.js';
import { gemma4, gemma4Unified, gemma4UnifiedWithImages, gemma4WithImages } from './gemma4/gemma4.js';
import { glm } from './glm/glm.js';
import { glm4 } from './glm4/glm4.js';
import { gptBigCode } from './gpt-bigcode/gpt-bigcode.js';
import { gptNeo } from './gpt-neo/gpt-neo.js';
import { gptNeoX } from './gpt-neox/gpt-neox.js';
import { gptOss } from './gpt-oss/gpt-oss.js';
import { gpt2 } from './gpt2/gpt2.js';
import { gptJ } from './gptj/gptj.js';
import { granite } from './granite/granite.js';
import { graniteMoe } from './granitemoe/granitemoe.js';
import { helium } from './helium/helium.js';
import { hunyuan } from './hunyuan/hunyuan.js';
import { hyperClovaX } from './hyperclovax/hyperclovax.js';
import { jais2 } from './jais2/jais2.js';
import { lfm2 } from './lfm2/lfm2.js';
import { llama } from './llama/llama.js';
import { llava } from './llava/llava.js';
import { mamba } from './mamba/mamba.js';
import { mamba2 } from './mamba2/mamba2.js';
import { ministral3 } from './ministral3/ministral3.js';
import { mistral } from './mistral/mistral.js';
import { mistral3 } from './mistral3/mistral3.js';
import { mixtral } from './mixtral/mixtral.js';
import { modernBert } from './modernbert/modernbert.js';
import { mpt } from './mpt/mpt.js';
import { nanoChat } from './nanochat/nanochat.js';
import { nemotron } from './nemotron/nemotron.js';
import { olmo } from './olmo/olmo.js';
import { olmo2 } from './olmo2/olmo2.js';
import { olmo3 } from './olmo3/olmo3.js';
import { olmoe } from './olmoe/olmoe.js';
import { openAiGpt } from './openai-gpt/openai-gpt.js';
import { opt } from './opt/opt.js';
import { persimmon } from './persimmon/persimmon.js';
import { phi } from './phi/phi.js';
import { phi3 } from './phi3/phi3.js';
import { qwen2Vl, qwen3Vl, qwen25Vl } from './qwen-vl/qwen-vl.js';
import { qwen2 } from './qwen2/qwen2.js';
import { qwen2Moe } from './qwen2-moe/qwen2-moe.js';
import { qwen3 } from './qwen3/qwen3.js';
import { qwen35, qwen35WithImages } from './qwen3-5/qwen3-5.js';
import { qwen35Moe, qwen35MoeWithImages } from './qwen3-5/qwen3-5-moe.js';
import { qwen3Moe } from './qwen3-moe/qwen3-moe.js';
import { qwen3Next } from './qwen3-next/qwen3-next.js';
import { roberta } from './roberta/roberta.js';
import { seedOss } from './seed-oss/seed-oss.js';
import { smolLm3 } from './smollm3/smollm3.js';
import { stableLm } from './stablelm/stablelm.js';
import { starcoder2 } from './starcoder2/starcoder2.js';
import { describeUnbuilt } from './unbuilt-family.js';
import { vaultGemma } from './vaultgemma/vaultgemma.js';
import { xglm } from './xglm/xglm.js';

/** Every architecture that is built here. A new one is a folder beside these and a line in this list. */
export const architectures: Architecture[] = [
  ...[opt, gpt2, gptNeoX, llama, mistral, qwen2, qwen3, gemma, gemma2],
  ...[gemma3, granite, smolLm3, olmo2, olmo3, exaone4, seedOss, arcee],
  ...[helium, ernie45, glm, glm4, cohere, cohere2, phi3, stableLm, starcoder2, nemotron, apertus],
  ...[hunyuan, ministral3, olmo, nanoChat, vaultGemma, cwm, jais2, hyperClovaX],
  ...[gemma4, gemma4WithImages, gemma4Unified, gemma4UnifiedWithImages],
  ...[gemma3WithImages, mistral3, llava, qwen2Vl, qwen25Vl, qwen3Vl],
  ...[qwen3Next, qwen35, qwen35WithImages, qwen35Moe, qwen35MoeWithImages],
  ...[bert, roberta, distilBert, electra, modernBert],
  ...[gptNeo, gptJ, codeGen, phi, gptBigCode],
  ...[bloom, mpt, falcon],
  ...[openAiGpt, xglm, bioGpt, persimmon, lfm2, mamba, falconMamba, mamba2],
  ...[mixtral, qwen2Moe, qwen3Moe, olmoe, graniteMoe, gptOss],
].map((a) => a as unknown as Architecture<ModelFacts>);

/** The architecture that config.json's model_type names. */
export function findArchitecture(config: Config): Architecture {
  const type = config.text('model_type');
  const found = architectures.find(({ modelTypes }) => modelTypes.includes(type));
  if (!found)
    config.refuse(
      'model_type',
      describeUnbuilt(
        config,
        architectures.flatMap((a) => a.modelTypes),
      ),
    );
  return found as Architecture;
}
