-- Figures and tables in the words of our template; links that leave the paper keep their address.

local options = pandoc.WriterOptions { wrap_text = 'none' }

local function typst(blocks)
  return (pandoc.write(pandoc.Pandoc(blocks), 'typst', options):gsub('%s+$', ''))
end

-- Names of symbols that pandoc still writes and Typst has since renamed.
local renamed = {
  { 'dot%.circle', 'dot.o' }, { 'times%.circle', 'times.o' }, { 'minus%.circle', 'minus.o' },
  { 'sect', 'inter' }, { 'tack%.r%.double', 'tack.rr' }, { 'lt%.tri', 'lt.closed' }, { 'gt%.tri', 'gt.closed' },
  { 'bracket%.l%.double', 'bracket.l.stroked' }, { 'bracket%.r%.double', 'bracket.r.stroked' },
}

local affected = { 'bigo', '\\o%a', '\\%a*cap', 'models', 'triangle', 'bracket', '\\wedge' }

function Math(el)
  local hit = false
  for _, pattern in ipairs(affected) do hit = hit or el.text:find(pattern) ~= nil end
  if not hit then return nil end
  local text = typst { pandoc.Plain { el } }
  for _, pair in ipairs(renamed) do
    text = text:gsub('([^%w"._])' .. pair[1] .. '%f[^%w]', '%1' .. pair[2])
  end
  return pandoc.RawInline('typst', text)
end

local function quoted(text)
  return '"' .. text:gsub('\\', '\\\\'):gsub('"', '\\"') .. '"'
end

local function label(attr)
  return attr.identifier ~= '' and ' <' .. attr.identifier .. '>' or ''
end

local function wide(attr)
  return attr.classes:includes('wide') and 'true' or 'false'
end

function Figure(el)
  local picture
  el:walk { Image = function(image) picture = image end }
  if not picture then return nil end
  return pandoc.RawBlock('typst', ('#novum-figure(%s, [%s], wide: %s)%s'):format(
    quoted(picture.src), typst(el.caption.long), wide(picture.attr), label(el.attr)))
end

-- Characters of the widest cell of each column: what a table would like to have.
local function widths(tbl)
  local found = {}
  local function take(rows)
    for _, row in ipairs(rows) do
      for i, cell in ipairs(row.cells) do
        local text = pandoc.utils.stringify(cell.contents)
        found[i] = math.max(found[i] or 3, utf8.len(text) or #text)
      end
    end
  end
  take(tbl.head.rows)
  for _, body in ipairs(tbl.bodies) do take(body.body) end
  return found
end

local alignments = { AlignLeft = 'left', AlignRight = 'right', AlignCenter = 'center', AlignDefault = 'left' }

-- All cells in one call of the writer, which costs milliseconds however little it writes.
local mark = 'NOVUMCELLENDSHERE'

local function cells(rows)
  local blocks, out = pandoc.Blocks {}, {}
  for _, row in ipairs(rows) do
    for _, cell in ipairs(row.cells) do
      blocks:extend(cell.contents)
      blocks:insert(pandoc.Para { pandoc.Str(mark) })
    end
  end
  for content in typst(blocks):gmatch('(.-)' .. mark) do
    out[#out + 1] = '[' .. content:gsub('^%s+', ''):gsub('%s+$', '') .. ']'
  end
  return table.concat(out, ', ') .. ','
end

function Table(el)
  local sizes, total, aligned, rows = widths(el), 0, {}, {}
  for i, spec in ipairs(el.colspecs) do
    total = total + sizes[i] + 3
    aligned[i] = alignments[spec[1]] or 'left'
  end
  for _, body in ipairs(el.bodies) do rows[#rows + 1] = cells(body.body) end
  local spread = (el.attr.classes:includes('wide') or total > 58) and 'true' or 'false'
  return pandoc.RawBlock('typst', (
    '#novum-table((%s,), (%s,), (%s), (%s), caption: [%s], wide: %s)%s'):format(
    table.concat(sizes, ', '), table.concat(aligned, ', '), cells(el.head.rows), table.concat(rows, ' '),
    typst(el.caption.long), spread, label(el.attr)))
end
