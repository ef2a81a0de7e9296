/** go-livepeer's capabilities for AI jobs, spelt as discovery and price lists spell them. */
export const PIPELINES: ReadonlyMap<number, string> = new Map([
  [27, 'text-to-image'],
  [28, 'image-to-image'],
  [29, 'image-to-video'],
  [30, 'upscale'],
  [31, 'audio-to-text'],
  [32, 'segment-anything-2'],
  [33, 'llm'],
  [34, 'image-to-text'],
  [35, 'live-video-to-video'],
  [36, 'text-to-speech'],
  [37, 'byoc'],
]);
