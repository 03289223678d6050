// One of a few, side by side: a radio group that looks like one control.
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import type { ReactNode } from 'react';
import './segmented.css';

interface SegmentedProps<Value extends string> {
  label: string;
  value: Value;
  choices: readonly { value: Value; text: ReactNode; name?: string }[];
  onChange: (value: Value) => void;
}

export function Segmented<Value extends string>({ label, value, choices, onChange }: SegmentedProps<Value>) {
  return (
    <ToggleButtonGroup
      className="segmented"
      aria-label={label}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={(keys) => {
        for (const key of keys) onChange(key as Value);
      }}
    >
      {choices.map((each) => (
        <ToggleButton
          key={each.value}
          id={each.value}
          className="segmented__choice"
          {...(each.name === undefined ? {} : { 'aria-label': each.name })}
        >
          {each.text}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
