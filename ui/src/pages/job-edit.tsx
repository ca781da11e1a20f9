// To be made.
export default function Page() {
  return <h1>job-edit</h1>;
}
