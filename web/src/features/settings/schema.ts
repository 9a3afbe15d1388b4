// What the API says of a setting.

/** How a value is written. */
export type Kind = 'duration' | 'integer' | 'number' | 'boolean' | 'text' | 'choice' | 'range' | 'list' | 'secret';

/** Who says it: nobody, `dabir.toml`, the environment, or somebody on this page. */
export type Source = 'default' | 'file' | 'environment' | 'here';

export type Json = string | number | boolean | null | Json[];

export interface Setting {
  /** `meetings.poll_interval` */
  key: string;
  section: string;
  kind: Kind;
  /** `null` for secrets. */
  value: Json;
  default: Json;
  source: Source;
  /** The line of the file, the variable, or the name of the person. */
  origin: string | null;
  /** What would hold without the value that was set here. */
  beneath?: Json;
  /** Takes effect without a restart. */
  live: boolean;
  editable: boolean;
  /** In words: `500ms to 1h`. */
  allowed: string | null;
  choices: string[] | null;
  /** For secrets. */
  is_set?: boolean;
  /** The running server still has another value. */
  pending?: boolean;
}

export interface SettingsList {
  items: Setting[];
}

/** `null` goes back to what lies beneath. */
export type Changes = Record<string, Json>;
