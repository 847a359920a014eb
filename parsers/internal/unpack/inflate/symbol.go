package inflate

// decode returns the symbol of the code that comes next, if all of it is there. No
// code begins with the bits that follow if err is not nil.
func (d *Decoder) decode(c *code, invalid error) (symbol int, ok bool) {
	next, first, at := 0, 0, 0
	for l := 1; l <= maxLength; l++ {
		if !d.need(uint(l)) {
			return 0, false
		}
		next |= int(d.bits>>(l-1)) & 1
		count := int(c.count[l])
		if next-first < count {
			d.drop(uint(l))
			return int(c.words[at+next-first].symbol), true
		}
		at, first, next = at+count, (first+count)<<1, next<<1
	}
	return 0, d.fail(invalid)
}

// symbol decodes one, and writes a literal.
func (d *Decoder) symbol() bool {
	if d.di == len(d.dst) {
		return false
	}
	s, ok := d.decode(&d.codes.literal, errSymbol)
	switch {
	case !ok:
		return false
	case s < endOfBlock:
		d.dst[d.di] = byte(s)
		d.di++
	case s == endOfBlock:
		d.phase = blockHeader
	case s-endOfBlock-1 >= len(lengths):
		return d.fail(errSymbol)
	default:
		d.phase, d.value = lengthExtra, s-endOfBlock-1
	}
	return true
}

func (d *Decoder) lengthExtra() bool {
	l := lengths[d.value]
	if !d.need(uint(l.bits)) {
		return false
	}
	d.phase, d.left = distance, int(l.least)+d.take(uint(l.bits))
	return true
}

func (d *Decoder) distanceSymbol() bool {
	s, ok := d.decode(&d.codes.distance, errDistance)
	switch {
	case !ok:
		return false
	case s >= len(distances):
		return d.fail(errDistance)
	}
	d.phase, d.value = distanceExtra, s
	return true
}

func (d *Decoder) distanceExtra() bool {
	s := distances[d.value]
	if !d.need(uint(s.bits)) {
		return false
	}
	d.distance = int(s.least) + d.take(uint(s.bits))
	if d.distance > d.di+d.kept {
		return d.fail(errFar)
	}
	d.phase = match
	return true
}

// match writes as much of a match as there is room for.
func (d *Decoder) match() bool {
	d.di, d.left = d.copy(d.di, d.left, d.distance)
	if d.left > 0 {
		return false
	}
	d.phase = symbol
	return true
}

// copy writes so many bytes from a distance back to dst[di:]. It returns how far it
// came, and what there was no room for.
func (d *Decoder) copy(di, left, distance int) (to, rest int) {
	for left > 0 && di < len(d.dst) {
		from := d.dst[max(0, di-distance):di]
		if distance > di {
			from = d.history[d.kept-(distance-di) : d.kept]
		}
		m := copy(d.dst[di:], from[:min(left, len(from))])
		di, left = di+m, left-m
	}
	return di, left
}
