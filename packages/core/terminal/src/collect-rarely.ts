import { setFlagsFromString } from 'node:v8';

/**
 * Growth of the heap after which V8 collects it, in percent of what was in use after the last collection; by itself it takes 10 to 300
 * (V8's src/heap/heap-controller.h). Of 500 and 1,000, on Galactica-125M's shape, the latter took more memory.
 */
const heapGrowth = 500;

/**
 * Has V8 go through the whole heap of this process seldom, as suits a stage; what serves for hours is to keep its heap small. Arrays of
 * numbers lie outside of it but count as growth: of a stage whose objects take some 20 MB, every few arrays that live for a while have
 * all objects looked through again, on all threads that V8 has for it.
 */
export function collectRarely(): void {
  setFlagsFromString(`--heap-growing-percent=${heapGrowth}`);
}
