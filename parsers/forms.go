package parsers

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/big"
	"math/bits"
	"strconv"
)

// A form writes one value of a binary format. A number or truth value comes as
// the bits of its 64-bit form (integers with their sign extended, a float32 as
// its own 32 bits), everything else as bytes.
type form func(w *rendering, v uint64, b []byte)

func formNull(w *rendering, _ uint64, _ []byte) { w.text("null") }

func formBool(w *rendering, v uint64, _ []byte) {
	if v == 0 {
		w.text("false")
	} else {
		w.text("true")
	}
}

func formInt(w *rendering, v uint64, _ []byte) {
	w.out = strconv.AppendInt(w.out, int64(v), 10)
}

func formUint64(w *rendering, v uint64, _ []byte) { w.out = strconv.AppendUint(w.out, v, 10) }

func formUint32(w *rendering, v uint64, _ []byte) {
	w.out = strconv.AppendUint(w.out, uint64(uint32(v)), 10)
}

func formFloat(w *rendering, v uint64, _ []byte) {
	w.float(float64(math.Float32frombits(uint32(v))), 32)
}

func formDouble(w *rendering, v uint64, _ []byte) { w.float(math.Float64frombits(v), 64) }

// formHalf is a float of 16 bits in two bytes, little end first
// (IEEE 754 binary16).
func formHalf(w *rendering, _ uint64, b []byte) {
	h := binary.LittleEndian.Uint16(b)
	exponent, fraction := int(h>>10&31), float64(h&1023)
	f := math.Ldexp(fraction+1024, exponent-25)
	switch {
	case exponent == 31 && fraction == 0:
		f = math.Inf(1)
	case exponent == 31:
		f = math.NaN()
	case exponent == 0:
		f = math.Ldexp(fraction, -24)
	}
	if h>>15 != 0 {
		f = math.Copysign(f, -1)
	}
	w.float(f, 32)
}

// float writes the shortest number that is f. What JSON has no number for is a
// string.
func (w *rendering) float(f float64, size int) {
	switch {
	case math.IsNaN(f):
		w.text(`"NaN"`)
	case math.IsInf(f, 1):
		w.text(`"Infinity"`)
	case math.IsInf(f, -1):
		w.text(`"-Infinity"`)
	default:
		format := byte('f')
		if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
			format = 'e'
		}
		w.out = strconv.AppendFloat(w.out, f, format, -1, size)
	}
}

func formString(w *rendering, _ uint64, b []byte) { w.string(b) }

func formBase64(w *rendering, _ uint64, b []byte) { w.base64(b) }

func formJSON(w *rendering, _ uint64, b []byte) { w.embed(b) }

// formUUID is https://www.rfc-editor.org/rfc/rfc9562 text of 16 bytes.
func formUUID(w *rendering, _ uint64, b []byte) {
	w.text(`"`)
	for i, n := range [...]int{4, 2, 2, 2, 6} {
		if i > 0 {
			w.text("-")
		}
		w.out = hex.AppendEncode(w.out, b[:n])
		b = b[n:]
	}
	w.text(`"`)
}

// maxScale is the most digits behind a decimal's point.
const maxScale = 1000

// decimalInt is a decimal whose unscaled value is an integer.
func decimalInt(scale int) form {
	return func(w *rendering, v uint64, _ []byte) {
		negative := int64(v) < 0
		if negative {
			v = -v
		}
		w.decimal(negative, 0, v, scale)
	}
}

// maxDecimal is the longest unscaled value of a decimal in bytes, 1,233 digits:
// making them takes time that grows with its square. A longer one is base64.
const maxDecimal = 512

// decimalBytes is a decimal whose unscaled value is a two's complement number,
// big end first. Up to 38 digits nothing is allocated.
func decimalBytes(scale int) form {
	return func(w *rendering, _ uint64, b []byte) {
		negative := len(b) > 0 && b[0] >= 0x80
		switch {
		case len(b) > maxDecimal:
			w.base64(b)
			return
		case len(b) > 16:
			w.bigDecimal(negative, b, scale)
			return
		}
		var hi, lo uint64
		if negative {
			hi, lo = math.MaxUint64, math.MaxUint64
		}
		for _, c := range b {
			hi, lo = hi<<8|lo>>56, lo<<8|uint64(c)
		}
		if negative {
			var borrow uint64
			lo, borrow = bits.Sub64(0, lo, 0)
			hi, _ = bits.Sub64(0, hi, borrow)
		}
		w.decimal(negative, hi, lo, scale)
	}
}

func (w *rendering) decimal(negative bool, hi, lo uint64, scale int) {
	var digits [40]byte
	at := len(digits)
	for hi != 0 || lo != 0 {
		var rest uint64
		hi, rest = bits.Div64(0, hi, 10)
		lo, rest = bits.Div64(rest, lo, 10)
		at--
		digits[at] = '0' + byte(rest)
	}
	w.point(negative, digits[at:], scale)
}

func (w *rendering) bigDecimal(negative bool, b []byte, scale int) {
	n := new(big.Int).SetBytes(b)
	if negative {
		n.Sub(new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))), n)
	}
	digits := n.Append(nil, 10)
	if n.Sign() == 0 {
		digits = nil
	}
	w.point(negative, digits, scale)
}

// point writes digits, which have no leading zero, with scale of them behind
// the point.
func (w *rendering) point(negative bool, digits []byte, scale int) {
	if negative {
		w.text("-")
	}
	whole := max(len(digits)-scale, 0)
	if whole == 0 {
		w.text("0")
	}
	w.out = append(w.out, digits[:whole]...)
	if scale == 0 {
		return
	}
	w.text(".")
	for range scale - (len(digits) - whole) {
		w.text("0")
	}
	w.out = append(w.out, digits[whole:]...)
}

const secondsADay = 24 * 60 * 60

// formDate is a number of days since 1970-01-01.
func formDate(w *rendering, v uint64, _ []byte) {
	w.text(`"`)
	w.date(int64(v))
	w.text(`"`)
}

// clock is a time of day in units of which there are perSecond; a power of ten.
// Its digits behind the point tell the unit. zone is "Z" or "".
func clock(perSecond int64, zone string) form {
	return func(w *rendering, v uint64, _ []byte) {
		seconds, rest := floorDiv(int64(v), perSecond)
		w.text(`"`)
		w.clock(seconds, rest, perSecond)
		w.text(zone + `"`)
	}
}

// timestamp is a number of units since 1970 as RFC 3339
// (https://www.rfc-editor.org/rfc/rfc3339), without its offset where zone is "".
func timestamp(perSecond int64, zone string) form {
	end := zone + `"`
	return func(w *rendering, v uint64, _ []byte) {
		seconds, rest := floorDiv(int64(v), perSecond)
		w.instant(seconds, rest, perSecond)
		w.text(end)
	}
}

// formInt96 is a timestamp as Impala wrote them: nanoseconds of the day in 8
// bytes, a Julian day in 4, little end first; taken as UTC.
func formInt96(w *rendering, _ uint64, b []byte) {
	const epoch = 2_440_588 // the Julian day of 1970-01-01
	seconds, rest := floorDiv(int64(binary.LittleEndian.Uint64(b)), 1e9)
	day := int64(int32(binary.LittleEndian.Uint32(b[8:]))) - epoch
	w.instant(day*secondsADay+seconds, rest, 1e9)
	w.text(`Z"`)
}

func (w *rendering) instant(seconds, rest, perSecond int64) {
	day, second := floorDiv(seconds, secondsADay)
	w.text(`"`)
	w.date(day)
	w.text("T")
	w.clock(second, rest, perSecond)
}

// formInterval is months, days and milliseconds, 4 bytes each, little end
// first, as an ISO 8601 duration.
func formInterval(w *rendering, _ uint64, b []byte) {
	millis := int64(binary.LittleEndian.Uint32(b[8:]))
	w.text(`"P`)
	w.out = strconv.AppendUint(w.out, uint64(binary.LittleEndian.Uint32(b)), 10)
	w.text("M")
	w.out = strconv.AppendUint(w.out, uint64(binary.LittleEndian.Uint32(b[4:])), 10)
	w.text("DT")
	w.out = strconv.AppendInt(w.out, millis/1000, 10)
	w.text(".")
	w.digits(millis%1000, 1000)
	w.text(`S"`)
}

// date writes a day of the proleptic Gregorian calendar; years of other than
// four digits as ISO 8601's expanded form has them. The arithmetic is that of
// https://howardhinnant.github.io/date_algorithms.html#civil_from_days.
func (w *rendering) date(days int64) {
	era, dayOfEra := floorDiv(days+719_468, 146_097)
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36_524 - dayOfEra/146_096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	month := (5*dayOfYear + 2) / 153 // from March on
	day := dayOfYear - (153*month+2)/5 + 1
	year := yearOfEra + era*400
	if month >= 10 {
		year++
		month -= 9
	} else {
		month += 3
	}
	switch {
	case year < 0:
		w.text("-")
		year = -year
	case year > 9999:
		w.text("+")
	}
	if year > 9999 {
		w.out = strconv.AppendInt(w.out, year, 10)
	} else {
		w.digits(year, 10_000)
	}
	w.out = append(w.out, '-', '0'+byte(month/10), '0'+byte(month%10), '-', '0'+byte(day/10), '0'+byte(day%10))
}

// clock writes a time of day and its fraction; hours of more than two digits
// and negative ones are no times of day, but are what the source says.
func (w *rendering) clock(seconds, rest, perSecond int64) {
	if seconds < 0 {
		w.text("-")
		if seconds = -seconds; rest > 0 {
			seconds, rest = seconds-1, perSecond-rest
		}
	}
	minute, second := seconds/60%60, seconds%60
	if hour := seconds / 3600; hour > 99 {
		w.out = strconv.AppendInt(w.out, hour, 10)
	} else {
		w.digits(hour, 100)
	}
	w.out = append(w.out, ':', '0'+byte(minute/10), '0'+byte(minute%10), ':', '0'+byte(second/10), '0'+byte(second%10))
	if perSecond > 1 {
		w.text(".")
		w.digits(rest, perSecond)
	}
}

// digits writes n, which is below limit, a power of ten, with leading zeros.
func (w *rendering) digits(n, limit int64) {
	for limit /= 10; limit > 0; limit /= 10 {
		w.out = append(w.out, '0'+byte(n/limit%10))
	}
}

// floorDiv is a/b, rounded down, and what remains.
func floorDiv(a, b int64) (quotient, rest int64) {
	quotient, rest = a/b, a%b
	if rest < 0 {
		quotient--
		rest += b
	}
	return quotient, rest
}
