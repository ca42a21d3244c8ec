// Asks Weir. All URLs follow from where this file is, so that they hold behind any prefix.

const BASE = new URL('../api/v1/', import.meta.url);

/// A question that Weir refused, or could not be asked.
export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/// The answer to a question, such as get('names', {sort: 'series'}).
///
/// A busy Weir is asked again twice.
export async function get(path, parameters = {}, tries = 3) {
  const url = new URL(path, BASE);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== '' && value !== null && value !== undefined) url.searchParams.set(name, value);
  }
  const response = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(15000) });
  if (response.ok) return response.json();
  if (response.status === 503 && tries > 1) {
    await new Promise(done => setTimeout(done, 1000));
    return get(path, parameters, tries - 1);
  }
  throw new ApiError(await sentence(response), response.status);
}

async function sentence(response) {
  try {
    const answer = await response.text();
    try { return JSON.parse(answer).error; } catch { return answer.trim().slice(0, 300) || response.statusText; }
  } catch {
    return 'status ' + response.status;
  }
}
