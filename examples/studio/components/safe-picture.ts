/** The address of a picture when it is one that can run nothing; results are other people's text. */
export const safePicture = (url: string | null): string | null =>
  url !== null && /^(https?:|data:image\/(png|jpeg|webp|gif|avif)[;,])/i.test(url) ? url : null
