// One of a few, from a list that opens.
import { Button, Label, ListBox, ListBoxItem, Popover, Select, SelectValue } from 'react-aria-components';
import { CheckIcon, ChevronIcon } from './icons';
import './choice.css';
import './field.css';
import '../shell/menu.css';

interface ChoiceProps<Value extends string> {
  label: string;
  /** Said, not shown: the choice speaks for itself. */
  label_hidden?: boolean;
  value: Value;
  choices: readonly { value: Value; text: string }[];
  onChange: (value: Value) => void;
  className?: string;
}

export function Choice<Value extends string>({
  label,
  label_hidden,
  value,
  choices,
  onChange,
  className = '',
}: ChoiceProps<Value>) {
  // A key must not be empty.
  const key = (each: Value) => `=${each}`;
  return (
    <Select
      className={`field choice ${className}`}
      {...(label_hidden ? { 'aria-label': label } : {})}
      value={key(value)}
      onChange={(chosen) => {
        const found = choices.find((each) => key(each.value) === chosen);
        if (found) onChange(found.value);
      }}
    >
      {!label_hidden && <Label className="field__label">{label}</Label>}
      <Button className="choice__button">
        <SelectValue className="choice__value">{({ selectedText }) => selectedText}</SelectValue>
        <ChevronIcon />
      </Button>
      <Popover className="popover popover--choice">
        <ListBox className="menu">
          {choices.map((each) => (
            <ListBoxItem key={each.value} id={key(each.value)} className="menu__item" textValue={each.text}>
              {({ isSelected }) => (
                <>
                  <span className="menu__check">{isSelected && <CheckIcon />}</span>
                  {each.text}
                </>
              )}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}
