// An address that leads nowhere.
import { Button } from "@mantine/core";
import { Compass } from "lucide-react";
import { Link } from "react-router";
import { Empty } from "../parts/Empty";
import { useWords } from "../words/language";

export function NotFound() {
  const words = useWords();
  return (
    <>
      <title>{`${words.notFound.title} · ${words.shop}`}</title>
      <Empty
        icon={<Compass size={32} strokeWidth={1.6} />}
        title={words.notFound.title}
        text={words.notFound.text}
        action={
          <Button component={Link} to="/" variant="light">
            {words.notFound.back}
          </Button>
        }
      />
    </>
  );
}
