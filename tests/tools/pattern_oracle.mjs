// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Random patterns and subjects with the answers of JavaScript itself, one JSON object a pattern and line:
// {"p": pattern, "f": flags, "s": [subject, ...], "m": [[[begin, end, group 1 begin, ...], ...], ...] or null when refused}.
// Offsets are bytes of UTF-8; a group that took no part has -1. Usage: node pattern_oracle.mjs SEED PATTERNS SUBJECTS

const seed = Number(process.argv[2] ?? 1);
const count = Number(process.argv[3] ?? 1000);
const subjects = Number(process.argv[4] ?? 1);

// A small generator of our own (mulberry32), so that a printed seed gives the same cases anywhere.
let state = seed >>> 0;
function random(n) {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) % n;
}
const pick = (list) => list[random(list.length)];

const asciiAtoms = ['a', 'b', 'c', 'A', 'ab', 'abc', '.', '[ab]', '[^a]', '[^ab]', '[a-c]', '\\w', '\\W', '\\d', '\\s', '\\S',
  '[]', '[^]', '\\n', '[\\w-]', '[^\\d]', '1', ' ', '-', '\\.', '[.]', '\\x61', '\\cJ', '[\\b]', 'x{', '}', ']', '\\0', '[A-b]'];
const wideAtoms = ['a', 'b', 'é', '日', '😀', '.', '[aé]', '[^a]', '[^é]', '[^日b]', '[à-ü]', '[日-本]', '\\u00e9', '\\u{1F600}',
  '[😀-😂]', '\\w', '\\W', '\\d', '\\uD83D\\uDE00', '[^\\w]', '\u2028'];
const places = ['^', '$', '\\b', '\\B'];
const quantifiers = ['*', '+', '?', '*?', '+?', '??', '{0}', '{1}', '{2}', '{0,1}', '{1,2}', '{2,3}', '{0,2}?', '{1,}', '{2,}?', '{0,}', '{1,3}?'];

let names = 0;
function pattern(depth, atoms) {
  switch (random(depth > 0 ? 11 : 3)) {
    case 0: case 1: return pick(atoms);
    case 2: return random(4) === 0 ? pick(places) : pick(atoms);
    case 3: case 4: return pattern(depth - 1, atoms) + pattern(depth - 1, atoms);
    case 5: return pattern(depth - 1, atoms) + '|' + pattern(depth - 1, atoms);
    case 6: return '(' + pattern(depth - 1, atoms) + ')';
    case 7: return '(?:' + pattern(depth - 1, atoms) + ')' + pick(quantifiers);
    case 8: return '(' + pattern(depth - 1, atoms) + ')' + pick(quantifiers);
    case 9: return random(6) === 0 ? `(?<n${names++}>` + pattern(depth - 1, atoms) + ')' : pick(['', '()', '(?:)', '(|a)', '(a*)*', '(?:a|())*']);
    default: return pick(atoms) + pick(quantifiers);
  }
}

const noise = ['(', ')', '(?:', '[', ']', '[^', '{', '}', '{1', ',', '2}', '|', '*', '+', '?', '^', '$', '.', '\\', '-', 'a', 'b', '1',
  '(?<n>', '<', '>', '=', '!', ':', '\\d', '\\b', '\\x', '\\u', '\\c', '0', 'z', '/', '\\-', '\\B', '\\1', '(?=', '(?!', '(?<='];

function subject(letters) {
  let text = '';
  for (let i = random(12); i > 0; --i) text += pick(letters);
  return text;
}

const bytes = (text) => Buffer.byteLength(text, 'utf8');

function compiled(source, flags) {
  try {
    return new RegExp(source, 'gd' + flags);
  } catch {
    return null;
  }
}

function answer(expression, text) {
  const found = [];
  for (const match of text.matchAll(expression)) {
    // V8 finds an empty \B inside a surrogate pair, a place that UTF-8 text does not have.
    if (match[0] === '' && /[\uDC00-\uDFFF]/.test(text[match.index] ?? '')) continue;
    const spans = [];
    for (const span of match.indices) {
      if (span === undefined) spans.push(-1, -1);
      else spans.push(bytes(text.slice(0, span[0])), bytes(text.slice(0, span[1])));
    }
    found.push(spans);
  }
  return found;
}

const lines = [];
for (let i = 0; i < count; ++i) {
  names = 0;
  const kind = random(10);
  let source, flags = '', letters;
  if (kind < 5) {
    source = pattern(4, asciiAtoms);
    letters = ['a', 'b', 'c', 'A', 'B', '1', ' ', '-', '.', '\n', '\r', 'x', '{', '}', '_', 'ab', 'abc'];
  } else if (kind < 8) {
    source = pattern(4, wideAtoms);
    flags = 'u';
    letters = ['a', 'b', 'é', '日', '本', '😀', '😁', 'ü', '\n', '\u2028', '1'];
  } else {
    source = '';
    for (let n = random(7); n >= 0; --n) source += pick(noise);
    letters = ['a', 'b', '1', '-', ',', '{', '}', ']', '='];
  }
  if (random(3) === 0) flags += 'i';
  if (random(3) === 0) flags += 'm';
  if (random(3) === 0) flags += 's';
  const texts = [];
  for (let n = 0; n < subjects; ++n) texts.push(subject(letters));
  const expression = compiled(source, flags);
  lines.push(JSON.stringify({ p: source, f: flags, s: texts, m: expression && texts.map((text) => answer(expression, text)) }));
}
process.stdout.write(lines.join('\n') + '\n');
