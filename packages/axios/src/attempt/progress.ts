import type { AxiosProgressEvent, InternalAxiosRequestConfig } from 'axios';

type Listener = (event: AxiosProgressEvent) => void;

/**
 * Progress of a call with several attempts: the listener hears one voice, which never goes back. It follows the first attempt
 * to make progress until another has got further. A call that is not hedged reports exactly what axios reports.
 */
export class ProgressRelay {
  private readonly upload: ((attempt: number) => Listener) | undefined;
  private readonly download: ((attempt: number) => Listener) | undefined;

  private constructor({ onUploadProgress, onDownloadProgress }: InternalAxiosRequestConfig) {
    this.upload = onUploadProgress && oneVoice(onUploadProgress);
    this.download = onDownloadProgress && oneVoice(onDownloadProgress);
  }

  /** `undefined` if nobody listens. */
  static of(config: InternalAxiosRequestConfig): ProgressRelay | undefined {
    return config.onUploadProgress || config.onDownloadProgress ? new ProgressRelay(config) : undefined;
  }

  /** Lets the attempt that is sent with `config` report. */
  attach(config: InternalAxiosRequestConfig, attempt: number): void {
    if (this.upload) config.onUploadProgress = this.upload(attempt);
    if (this.download) config.onDownloadProgress = this.download(attempt);
  }
}

function oneVoice(listener: Listener): (attempt: number) => Listener {
  let leader: number | undefined;
  let loaded = 0;
  return (attempt) => (event) => {
    const overtakes = leader !== undefined && attempt !== leader;
    if (overtakes && event.loaded <= loaded) return;
    // `bytes` counts from the event before, which came from the attempt that led until now.
    const heard = overtakes ? { ...event, bytes: event.loaded - loaded } : event;
    leader = attempt;
    loaded = event.loaded;
    listener(heard);
  };
}
