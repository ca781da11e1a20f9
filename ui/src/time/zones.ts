// The zones that one can choose. Chromium lists some under the names that they had before they were renamed.
const renamed: Record<string, string> = {
  "Africa/Asmera": "Africa/Asmara",
  "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
  "America/Catamarca": "America/Argentina/Catamarca",
  "America/Coral_Harbour": "America/Atikokan",
  "America/Cordoba": "America/Argentina/Cordoba",
  "America/Godthab": "America/Nuuk",
  "America/Indianapolis": "America/Indiana/Indianapolis",
  "America/Jujuy": "America/Argentina/Jujuy",
  "America/Louisville": "America/Kentucky/Louisville",
  "America/Mendoza": "America/Argentina/Mendoza",
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Atlantic/Faeroe": "Atlantic/Faroe",
  "Europe/Kiev": "Europe/Kyiv",
  "Pacific/Enderbury": "Pacific/Kanton",
  "Pacific/Ponape": "Pacific/Pohnpei",
  "Pacific/Truk": "Pacific/Chuuk",
};

// A zone by the name that it has today.
export const nameOfZone = (zone: string): string => renamed[zone] ?? zone;

let all: string[] | undefined;

// All of them: the nearest first (what is chosen, the browser's own, UTC), then by name.
export function zonesFrom(chosen: string, own: string): string[] {
  all ??= [...new Set(Intl.supportedValuesOf("timeZone").map(nameOfZone))].toSorted();
  return [...new Set([chosen, own, "UTC", ...all])];
}
