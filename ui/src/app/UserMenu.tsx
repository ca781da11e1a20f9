// Whoever is signed in, and what is theirs: theme, zone, keys, password, the way out.
import { Menu, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { IconChevronDown, IconDeviceDesktop, IconKeyboard, IconLogout, IconMoon, IconPassword, IconSun } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { logOut } from "../api/auth";
import { meQuery } from "../api/queries";
import { text } from "../text/en";
import { browserZone, setPreference, usePreferences } from "./preferences";
import classes from "./Shell.module.css";
import { useShortcut } from "./shortcuts";
import { signedOut } from "./sign-out";

const ChangePassword = lazy(() => import("./ChangePassword"));

const themes = [
  { value: "auto", label: text.user.auto, icon: IconDeviceDesktop },
  { value: "light", label: text.user.light, icon: IconSun },
  { value: "dark", label: text.user.dark, icon: IconMoon },
] as const;

export function UserMenu({ onHelp }: { onHelp: () => void }) {
  const { data } = useQuery(meQuery);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { zone, relative, singleKeys } = usePreferences();
  const [password, setPassword] = useState(false);
  const name = data?.user.username ?? "";

  useShortcut(".", () => {
    const at = themes.findIndex((each) => each.value === colorScheme);
    setColorScheme(themes[(at + 1) % themes.length]?.value ?? "auto");
  });

  return (
    <>
      <Menu width={260} alignItemsLabels="all">
        <Menu.Target>
          <UnstyledButton className={classes.user} aria-label={`${text.user.menu}: ${name}`}>
            <span className={classes.avatar} aria-hidden="true">{name.slice(0, 2).toUpperCase()}</span>
            <span className={`cut ${classes.userName}`}>{name}</span>
            <IconChevronDown size={14} />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{text.user.theme}</Menu.Label>
          <Menu.RadioGroup value={colorScheme} onChange={(value) => setColorScheme(value as typeof colorScheme)}>
            {themes.map(({ value, label, icon: Icon }) => (
              <Menu.RadioItem key={value} value={value}><span className={classes.entry}><Icon size={16} />{label}</span></Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
          <Menu.Label>{text.user.time}</Menu.Label>
          <Menu.RadioGroup value={zone} onChange={(value) => setPreference("zone", value)}>
            <Menu.RadioItem value="">{text.user.browserZone(browserZone)}</Menu.RadioItem>
            <Menu.RadioItem value="UTC">UTC</Menu.RadioItem>
          </Menu.RadioGroup>
          <Menu.CheckboxItem checked={relative} onChange={(on) => setPreference("relative", on)}>{text.user.relative}</Menu.CheckboxItem>
          <Menu.Divider />
          <Menu.CheckboxItem checked={singleKeys} onChange={(on) => setPreference("singleKeys", on)}>{text.user.singleKeys}</Menu.CheckboxItem>
          <Menu.Item onClick={onHelp}><span className={classes.entry}><IconKeyboard size={16} />{text.user.shortcuts}</span></Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={() => setPassword(true)}><span className={classes.entry}><IconPassword size={16} />{text.user.changePassword}</span></Menu.Item>
          <Menu.Item onClick={() => void signOut()}><span className={classes.entry}><IconLogout size={16} />{text.user.signOut}</span></Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Suspense>{password && <ChangePassword onClose={() => setPassword(false)} />}</Suspense>
    </>
  );
}

async function signOut(): Promise<void> {
  try {
    await logOut();
  } finally {
    signedOut();
  }
}
