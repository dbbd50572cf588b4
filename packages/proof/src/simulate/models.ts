/** Alone, few, and more than one worker can hold. They are among those that the raw evidence of Redis asks for. */
export const MODELS: Readonly<Record<string, number>> = { solo: 1, trio: 3, dozen: 12 }
export const MODEL_IDS = Object.keys(MODELS)
