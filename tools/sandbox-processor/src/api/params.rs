//! Reads checked parameters by their JSON pointer.

use serde_json::Value;

pub(super) fn text<'a>(params: &'a Value, pointer: &str) -> Option<&'a str> {
    params.pointer(pointer).and_then(Value::as_str)
}

pub(super) fn owned(params: &Value, pointer: &str) -> Option<String> {
    text(params, pointer).map(str::to_owned)
}

pub(super) fn integer(params: &Value, pointer: &str) -> Option<i64> {
    params.pointer(pointer).and_then(Value::as_i64)
}

pub(super) fn flag(params: &Value, pointer: &str) -> bool {
    params.pointer(pointer).and_then(Value::as_bool) == Some(true)
}

pub(super) fn list<'a>(params: &'a Value, pointer: &str) -> &'a [Value] {
    let list = params.pointer(pointer).and_then(Value::as_array);
    list.map(Vec::as_slice).unwrap_or_default()
}
