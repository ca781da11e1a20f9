// What the program is called.
export const product = "Cron Job Viewer";
