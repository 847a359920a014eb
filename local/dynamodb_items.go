package local

import "slices"

// An itemIn is a request about one item; the actions have most in common.
type itemIn struct {
	TableName string
	Key       item // of all but PutItem
	Item      item // of PutItem
	placeholders
	ConditionExpression                 *string
	UpdateExpression                    *string
	ProjectionExpression                *string
	ReturnValues                        string
	ReturnValuesOnConditionCheckFailure string
}

type getItemOut struct {
	Item item `json:",omitempty"`
}

func (d *dynamoService) getItem(_ call, in itemIn) (out getItemOut, err error) {
	if err := in.resolve(); err != nil {
		return out, err
	}
	project, err := in.projection(in.ProjectionExpression)
	if err != nil {
		return out, err
	}
	if err := in.unused(); err != nil {
		return out, err
	}
	key, err := normalItem(in.Key, 0)
	if err != nil {
		return out, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	t, err := d.table(in.TableName)
	if err != nil {
		return out, err
	}
	if key, err = t.onlyKey(key); err != nil {
		return out, err
	}
	return getItemOut{project(t.items[t.place(key)])}, nil
}

type writeOut struct {
	Attributes item `json:",omitempty"`
}

func (d *dynamoService) putItem(_ call, in itemIn) (writeOut, error) {
	return d.write(in, in.Item, (*table).key, func(given, _ item, _ []change) (item, error) { return given, nil })
}

func (d *dynamoService) deleteItem(_ call, in itemIn) (writeOut, error) {
	return d.write(in, in.Key, (*table).onlyKey, func(_, _ item, _ []change) (item, error) { return nil, nil })
}

func (d *dynamoService) updateItem(_ call, in itemIn) (writeOut, error) {
	return d.write(in, in.Key, (*table).onlyKey, func(key, old item, changes []change) (item, error) {
		if old == nil {
			old = key
		}
		return apply(changes, old)
	})
}

// write replaces one item by what next makes of the item given and the old
// one, if the condition holds of the old one. A nil item is none.
func (d *dynamoService) write(in itemIn, given item, keyOf func(*table, item) (item, error),
	next func(given, old item, changes []change) (item, error),
) (out writeOut, err error) {
	if err := in.resolve(); err != nil {
		return out, err
	}
	holds, err := in.condition("ConditionExpression", in.ConditionExpression)
	if err != nil {
		return out, err
	}
	var changes []change
	if in.UpdateExpression != nil {
		if changes, err = parse(&in.placeholders, "UpdateExpression", *in.UpdateExpression, (*expression).changes); err != nil {
			return out, err
		}
	}
	if err := in.unused(); err != nil {
		return out, err
	}
	if given, err = normalItem(given, 0); err != nil {
		return out, err
	}

	d.mu.Lock()
	defer d.mu.Unlock()
	t, err := d.table(in.TableName)
	if err != nil {
		return out, err
	}
	key, err := keyOf(t, given)
	if err != nil {
		return out, err
	}
	for _, c := range changes {
		if _, isKey := key[c.path[0].name]; isKey {
			return out, invalid("One or more parameter values were invalid: Cannot update attribute " + c.path[0].name + ". This attribute is part of the key")
		}
	}
	place := t.place(key)
	old := t.items[place]
	if !holds(old) {
		f := dynamoFault("ConditionalCheckFailedException", "The conditional request failed")
		if in.ReturnValuesOnConditionCheckFailure == "ALL_OLD" {
			f.item = old
		}
		return out, f
	}
	it, err := next(given, old, changes)
	if err != nil {
		return out, err
	}
	if it.bytes() > maxItem {
		return out, invalid("Item size has exceeded the maximum allowed size")
	}
	if out.Attributes, err = returned(in, old, it, changes); err != nil {
		return out, err
	}
	t.items[place] = it
	if it == nil {
		delete(t.items, place)
	}
	if t.onWrite != nil && it != nil {
		t.onWrite(it.plain())
	}
	return out, nil
}

// returned is what the request's ReturnValues asks for. Of a nested attribute
// that changed, it is the whole top-level one.
func returned(in itemIn, old, it item, changes []change) (item, error) {
	of := it
	switch in.ReturnValues {
	case "", "NONE":
		return nil, nil
	case "ALL_OLD":
		return old, nil
	case "UPDATED_OLD":
		of = old
	case "ALL_NEW", "UPDATED_NEW":
	default:
		return nil, invalid("ReturnValues set to invalid value")
	}
	switch {
	case in.Item != nil || it == nil:
		return nil, invalid("ReturnValues set to invalid value")
	case in.ReturnValues == "ALL_NEW":
		return it, nil
	}
	updated := item{}
	for _, c := range changes {
		if v, found := of[c.path[0].name]; found {
			updated[c.path[0].name] = v
		}
	}
	return updated, nil
}

// condition parses an optional condition; none always holds.
func (p *placeholders) condition(kind string, text *string) (condition, error) {
	if text == nil {
		return func(item) bool { return true }, nil
	}
	return parse(p, kind, *text, (*expression).condition)
}

// projection parses an optional list of top-level attributes; none takes all.
func (p *placeholders) projection(text *string) (func(item) item, error) {
	if text == nil {
		return func(it item) item { return it }, nil
	}
	paths, err := parse(p, "ProjectionExpression", *text, (*expression).paths)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(paths, func(p path) bool { return len(p) > 1 }) {
		return nil, invalid("Invalid ProjectionExpression: nested paths are not emulated")
	}
	return func(it item) item {
		part := item{}
		for _, p := range paths {
			if v, found := it[p[0].name]; found {
				part[p[0].name] = v
			}
		}
		return part
	}, nil
}
