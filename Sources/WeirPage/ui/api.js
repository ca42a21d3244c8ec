// Asks Weir. All URLs follow from where this file is, so that they hold behind any prefix.

const BASE = new URL('../api/v1/', import.meta.url);

/// A question that Weir refused, or that got no answer. Nothing else is an outage.
///
/// `status` is that of HTTP, or 0 where there was no answer.
export class ApiError extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

/// The answer to a question, such as get('names', {sort: 'series'}).
///
/// A busy Weir is asked again twice. One that is silent is given up after some seconds.
export async function get(path, parameters = {}, { tries = 3, seconds = 15 } = {}) {
  const url = new URL(path, BASE);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== '' && value !== null && value !== undefined) url.searchParams.set(name, value);
  }
  const { status, isGood, text } = await ask(url, seconds);
  if (status === 503 && tries > 1) {
    await new Promise(done => setTimeout(done, 1000));
    return get(path, parameters, { tries: tries - 1, seconds });
  }
  if (!isGood) throw new ApiError(sentence(text, status), status);
  try { return JSON.parse(text); } catch { throw new ApiError('Another server answers in place of Weir.', status); }
}

async function ask(url, seconds) {
  try {
    const response = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(seconds * 1000) });
    return { status: response.status, isGood: response.ok, text: await response.text() };
  } catch {
    throw new ApiError('Weir does not answer.');
  }
}

/// What a refusal says.
function sentence(text, status) {
  try {
    const { error } = JSON.parse(text);
    if (error) return error;
  } catch { /* It is text. */ }
  return text.trim().slice(0, 300) || 'status ' + status;
}
