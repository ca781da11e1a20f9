// Whoever is signed in, and what is theirs: theme, zone, keys, password, the way out.
import { Menu, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { IconChevronDown, IconDeviceDesktop, IconKeyboard, IconLogout, IconMoon, IconPassword, IconSun } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { logOut } from "../api/auth";
import { meQuery } from "../api/queries";
import { text } from "../text/en";
import { boot } from "./boot";
import { setPreference, usePreferences } from "./preferences";
import classes from "./Shell.module.css";
import { useShortcut } from "./shortcuts";

const ChangePassword = lazy(() => import("./ChangePassword"));

const themes = [
  { value: "auto", label: text.user.auto, icon: IconDeviceDesktop },
  { value: "light", label: text.user.light, icon: IconSun },
  { value: "dark", label: text.user.dark, icon: IconMoon },
] as const;

const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

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
      <Menu width={240} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <UnstyledButton className={classes.user} aria-label={`${text.user.menu}: ${name}`}>
            <span className={classes.avatar} aria-hidden="true">{name.slice(0, 2).toUpperCase()}</span>
            <span className={`cut ${classes.userName}`}>{name}</span>
            <IconChevronDown size={14} />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{text.user.theme}</Menu.Label>
          {themes.map(({ value, label, icon: Icon }) => (
            <Menu.Item key={value} leftSection={<Icon size={16} />} rightSection={colorScheme === value ? "✓" : null}
              aria-current={colorScheme === value || undefined} onClick={() => setColorScheme(value)}>
              {label}
            </Menu.Item>
          ))}
          <Menu.Label>{text.user.time}</Menu.Label>
          <Menu.Item rightSection={zone === "" ? "✓" : null} onClick={() => setPreference("zone", "")}>
            {text.user.browserZone(browserZone)}
          </Menu.Item>
          <Menu.Item rightSection={zone === "UTC" ? "✓" : null} onClick={() => setPreference("zone", "UTC")}>UTC</Menu.Item>
          <Menu.Item closeMenuOnClick={false} rightSection={relative ? "✓" : null} onClick={() => setPreference("relative", !relative)}>
            {text.user.relative}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item closeMenuOnClick={false} rightSection={singleKeys ? "✓" : null} onClick={() => setPreference("singleKeys", !singleKeys)}>
            {text.user.singleKeys}
          </Menu.Item>
          <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={onHelp}>{text.user.shortcuts}</Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconPassword size={16} />} onClick={() => setPassword(true)}>{text.user.changePassword}</Menu.Item>
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>{text.user.signOut}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Suspense>{password && <ChangePassword onClose={() => setPassword(false)} />}</Suspense>
    </>
  );
}

// A fresh page afterwards: nothing of this person stays in memory.
async function signOut(): Promise<void> {
  try {
    await logOut();
  } finally {
    location.assign(`${boot.prefix}login?signed_out=1`);
  }
}
