// React Aria declares its words as a type alone.

declare const english: Record<string, Record<string, string | (() => string)>>;
export default english;
