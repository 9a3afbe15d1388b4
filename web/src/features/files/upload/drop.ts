// What was dropped or pasted, without folders: a browser gives these as files that cannot be read.

export function filesOf(data: DataTransfer | null): File[] {
  return [...(data?.items ?? [])].flatMap((item) => {
    const isFolder = item.kind === 'file' && item.webkitGetAsEntry?.()?.isDirectory;
    return (!isFolder && item.getAsFile()) || [];
  });
}
