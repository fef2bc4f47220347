export async function grow() {}
