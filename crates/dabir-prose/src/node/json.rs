//! JSON, as TipTap's `getJSON` and `setContent` have it.

use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{Kind, Mark, Node, attrs};

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", self.name())?;
        let attrs = attrs(self);
        if !attrs.is_empty() {
            map.serialize_entry("attrs", &attrs)?;
        }
        if !self.content.is_empty() {
            map.serialize_entry("content", &self.content)?;
        }
        if let Kind::Text { text, marks } = &self.kind {
            if !marks.is_empty() {
                map.serialize_entry("marks", marks)?;
            }
            map.serialize_entry("text", text)?;
        }
        map.end()
    }
}

impl Serialize for Mark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", self.name())?;
        let attrs = self.attrs();
        if !attrs.is_empty() {
            map.serialize_entry("attrs", &attrs)?;
        }
        map.end()
    }
}

/// A document that comes as JSON is cleaned on its way in.
impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        crate::clean(&value).map_err(D::Error::custom)
    }
}

impl Node {
    /// The node as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        // A map with string keys always becomes a value.
        serde_json::to_value(self).unwrap_or_default()
    }
}
