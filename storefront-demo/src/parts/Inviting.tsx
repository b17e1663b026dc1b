// Inviting others to the page one is on: its address, copied or shared.
import { Button, CopyButton, Group, TextInput, Title } from "@mantine/core";
import { Check, Copy, Share2 } from "lucide-react";
import { useWords } from "../words/language";
import style from "./Inviting.module.css";

export function Inviting({ title, name }: { title: string; name: string }) {
  const { inviting: words } = useWords();
  const url = window.location.origin + window.location.pathname;
  const share = () => {
    // Whoever closes the sheet without sharing has done nothing wrong.
    navigator.share({ title: name, url }).catch(() => undefined);
  };
  return (
    <section className={style.inviting}>
      <Title order={2} size="h4">
        {title}
      </Title>
      <TextInput
        label={words.invitation}
        value={url}
        readOnly
        size="md"
        data-testid="invitation"
        onFocus={(event) => event.currentTarget.select()}
      />
      <Group gap="sm">
        <CopyButton value={url}>
          {({ copied, copy }) => (
            <Button
              onClick={copy}
              leftSection={copied ? <Check size={17} aria-hidden /> : <Copy size={17} aria-hidden />}
            >
              <span aria-live="polite">{copied ? words.copied : words.copy}</span>
            </Button>
          )}
        </CopyButton>
        {"share" in navigator && (
          <Button variant="light" leftSection={<Share2 size={17} aria-hidden />} onClick={share}>
            {words.share}
          </Button>
        )}
      </Group>
    </section>
  );
}
