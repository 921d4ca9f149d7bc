/** A study that a command for all projects leaves out (hub-models.mjs). Nothing is done, and Nx keeps nothing of it. */
export default async function leaveOut() {
  return { success: true };
}
