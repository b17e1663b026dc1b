// The frame of every page: a quiet header, a bar at the thumb on phones, and what concerns all pages (offline).
import { Anchor, Button, Container, Group, Text } from "@mantine/core";
import { useNetwork } from "@mantine/hooks";
import { Gift, Languages, ReceiptText, Store, UserRound, WalletMinimal, WifiOff } from "lucide-react";
import { useEffect } from "react";
import { Link, NavLink, Outlet, ScrollRestoration, useLocation } from "react-router";
import { useSession } from "../api/session";
import { SearchBox } from "../parts/SearchBox";
import { useReader, useWords } from "../words/language";
import style from "./Shell.module.css";

export function Shell() {
  const words = useWords();
  const { online } = useNetwork();
  const { pathname } = useLocation();
  useEffect(() => {
    // A reader who goes on by keyboard or by ear begins at the new page, not at the old one's link.
    if (pathname) document.getElementById("content")?.focus({ preventScroll: true });
  }, [pathname]);
  return (
    <div className={style.shell}>
      <a className={style.skip} href="#content">
        {words.skip}
      </a>
      <Header />
      {!online && (
        <div className={style.offline} role="status">
          <WifiOff size={16} aria-hidden /> {words.offline}
        </div>
      )}
      <main id="content" tabIndex={-1} className={style.main}>
        <Container size="lg" px={{ base: "md", sm: "xl" }}>
          <Outlet />
        </Container>
      </main>
      <footer className={style.foot}>
        <Container size="lg" px={{ base: "md", sm: "xl" }}>
          <Text size="xs" c="var(--soft-ink)">
            {words.foot}
          </Text>
        </Container>
      </footer>
      <BottomBar />
      <ScrollRestoration />
    </div>
  );
}

function useRooms() {
  const { nav } = useWords();
  return [
    { to: "/", end: true, says: nav.shop, Icon: Store },
    { to: "/orders", end: false, says: nav.orders, Icon: ReceiptText },
    { to: "/benefits", end: false, says: nav.benefits, Icon: Gift },
    { to: "/wallet", end: false, says: nav.wallet, Icon: WalletMinimal },
  ];
}

function Header() {
  const words = useWords();
  const { language, choose } = useReader();
  const signedIn = useSession().status === "signedIn";
  const location = useLocation();
  const next = new URLSearchParams({ next: `${location.pathname}${location.search}` });
  return (
    <header className={style.header}>
      <Container size="lg" px={{ base: "md", sm: "xl" }} h="100%">
        <div className={style.bar}>
          <Anchor component={Link} to="/" className={style.mark} underline="never">
            <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width={30} height={30} />
            <span>{words.shop}</span>
          </Anchor>
          <nav className={style.rooms} aria-label={words.shop}>
            {[...useRooms(), { to: "/campaigns", end: false, says: words.nav.campaigns }].map(
              ({ to, end, says }) => (
                <NavLink key={to} to={to} end={end} className={style.room}>
                  {says}
                </NavLink>
              ),
            )}
          </nav>
          <div className={style.find} data-here={isShop(location.pathname) || undefined}>
            <SearchBox />
          </div>
          <Group gap={4} wrap="nowrap" className={style.actions}>
            <Button
              variant="subtle"
              color="dark"
              size="compact-md"
              px={8}
              leftSection={<Languages size={16} aria-hidden />}
              lang={language === "zh" ? "en" : "zh-CN"}
              onClick={() => choose(language === "zh" ? "en" : "zh")}
            >
              {words.language.other}
            </Button>
            {signedIn ? (
              <Button
                component={Link}
                to="/account"
                variant="subtle"
                size="compact-md"
                px={8}
                className={style.wideOnly}
                leftSection={<UserRound size={16} aria-hidden />}
              >
                {words.nav.account}
              </Button>
            ) : (
              <Button component={Link} to={`/sign-in?${next}`} size="compact-md" px={14} h={34}>
                {words.nav.signIn}
              </Button>
            )}
          </Group>
        </div>
      </Container>
    </header>
  );
}

/** On a phone there is room for searching only where one looks around. */
function isShop(pathname: string): boolean {
  return pathname === "/" || pathname.startsWith("/products/") || pathname.startsWith("/collections/");
}

function BottomBar() {
  const words = useWords();
  const rooms = [...useRooms(), { to: "/account", end: false, says: words.nav.account, Icon: UserRound }];
  return (
    <nav className={style.bottom} aria-label={words.nav.account}>
      {rooms.map(({ to, end, says, Icon }) => (
        <NavLink key={to} to={to} end={end} className={style.thumb}>
          <Icon size={21} strokeWidth={1.8} aria-hidden />
          <span>{says}</span>
        </NavLink>
      ))}
    </nav>
  );
}
