import { useMutation, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, use, useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { useStrings } from '../strings/use-strings.tsx';
import { addressOf, type RefusedFile, uploadFiles } from './upload-data.ts';

/** Opens the browser's dialog for files. */
const ChooseFiles = createContext<() => void>(() => undefined);

/** Takes files that are dropped anywhere on the page, or chosen by an {@link UploadButton} below it. */
export function Uploads({ children }: { readonly children: ReactNode }) {
  const t = useStrings();
  const [, navigate] = useLocation();
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const uploading = useMutation({
    mutationFn: (files: readonly File[]) => uploadFiles(files, t.uploadTooLarge),
    onSuccess: ({ traceIds }) => {
      const address = addressOf(traceIds);
      if (address === undefined) return;
      void client.invalidateQueries();
      navigate(address);
    },
  });
  const { mutate, data } = uploading;
  const isDragged = useDroppedFiles(mutate);
  return (
    <ChooseFiles value={() => input.current?.click()}>
      {children}
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={({ target }) => {
          if ((target.files?.length ?? 0) > 0) mutate([...target.files!]);
          // The same file chosen again is a change again.
          target.value = '';
        }}
      />
      {isDragged && (
        <div className="up-drop">
          <p>
            <strong>{t.dropHere}</strong>
            <br />
            {t.uploadForms}
          </p>
        </div>
      )}
      {uploading.isPending && (
        <p className="up-note sp-card" role="status">
          {t.uploading}
        </p>
      )}
      {data !== undefined && !uploading.isPending && (
        <UploadProblems refused={data.refused} leftOut={data.leftOut} onClose={uploading.reset} />
      )}
    </ChooseFiles>
  );
}

export function UploadButton({ className }: { readonly className: string }) {
  const t = useStrings();
  const choose = use(ChooseFiles);
  return (
    <button type="button" className={className} title={t.uploadForms} onClick={choose}>
      {t.upload}
    </button>
  );
}

function UploadProblems(props: {
  readonly refused: readonly RefusedFile[];
  readonly leftOut: readonly RefusedFile[];
  readonly onClose: () => void;
}) {
  const { refused, leftOut, onClose } = props;
  const t = useStrings();
  if (refused.length + leftOut.length === 0) return null;
  return (
    <div className="up-note sp-notice error" role="alert">
      {refused.map(({ name, reason }, index) => (
        <p key={`${index} ${name}`}>
          <strong>{t.fileRefused(name)}</strong> {reason}
        </p>
      ))}
      {leftOut.map(({ name, reason }, index) => (
        <p key={`${index} ${name}`}>
          <strong>{t.spansLeftOut(name)}</strong> {reason}
        </p>
      ))}
      <button type="button" className="sp-button" onClick={onClose}>
        {t.close}
      </button>
    </div>
  );
}

/** Calls for files dropped on the window. @returns true while files are held over it */
function useDroppedFiles(onFiles: (files: readonly File[]) => void): boolean {
  const [isDragged, setDragged] = useState(false);
  const latest = useRef(onFiles);
  latest.current = onFiles;
  useEffect(() => {
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
    const onDrag = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      // Without this the browser would leave the page and open the file.
      event.preventDefault();
      setDragged(true);
    };
    const onLeave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setDragged(false);
    };
    const onDrop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setDragged(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length > 0) latest.current(files);
    };
    addEventListener('dragenter', onDrag);
    addEventListener('dragover', onDrag);
    addEventListener('dragleave', onLeave);
    addEventListener('drop', onDrop);
    return () => {
      removeEventListener('dragenter', onDrag);
      removeEventListener('dragover', onDrag);
      removeEventListener('dragleave', onLeave);
      removeEventListener('drop', onDrop);
    };
  }, []);
  return isDragged;
}
